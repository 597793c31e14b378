import Capacity

/// What a run is like. Every seed draws another mixture, so that no fault hides behind another for ever.
struct Swarm {
  /// What a step can be.
  enum Kind: Int, CaseIterable {
    case ask, deliver, turn, tick, jump, stepClock, edit, breakStore, fillDisk, crash, boot
    case swapZones, shorten, audit, look, write
  }

  var weights: [Int]
  var nodes: Int
  /// Another node comes before one that wants the lock, once in so many times.
  var interleaved: Int
  var clients: Int
  var resources: Int
  var products: Int
  var limitMax: Int64
  var waitingMax: Int
  /// One in so many messages; 0: none.
  var dropped: Int
  var doubled: Int
  var limitsBuyers: Bool
  var retentionSeconds: Int64
  var ttlMax: Int64
  var quantityMax: Int64
  var faults: [Disk.Fault]
  var lanes = 1
  var sellers = 1
  /// With several lanes: one in so many requests may go to a node that is not its seller's.
  var loyalty = 0
  /// One in so many lines may be of another seller than the first.
  var mixed = 0
  /// Nodes decide a batch while one is written; nil: they do not.
  var ahead: Ahead?

  /// What a run with nodes that decide ahead is like.
  struct Ahead {
    /// So many batches ask the store first after one was wrong about it.
    var caution: Int
    /// One in so many requests and turns may go to any node.
    var wandering: Int
    /// One in so many requests may be a question, or one that was asked before.
    var questions: Int
    /// Seldom more time goes by than this, microseconds.
    var tickMax: Int64
  }

  /// - Parameters:
  ///   - aheadDice: decide about deciding ahead alone.
  ///   - laneDice: decide about lanes alone.
  ///   - count: so many lanes where the store is shared; nil: the dice say.
  init(
    _ dice: inout Dice, ahead aheadDice: inout Dice, lanes laneDice: inout Dice, count: Int?
  ) {
    func weight(_ dice: inout Dice, _ most: Int) -> Int {
      dice.once(in: 3) ? 0 : 1 + dice.below(most)
    }
    weights = Swarm.Kind.allCases.map { _ in 0 }
    nodes = dice.once(in: 3) ? 2 : 1
    interleaved = dice.pick([2, 8])
    clients = 1 + dice.below(6)
    resources = 1 + dice.below(5)
    products = 1 + dice.below(6)
    limitMax = dice.pick([1, 3, 10, 40])
    waitingMax = dice.pick([2, 8, 64])
    dropped = dice.pick([0, 4, 20])
    doubled = dice.pick([0, 4, 20])
    limitsBuyers = dice.once(in: 2)
    retentionSeconds = dice.pick([30, 600, 7200])
    ttlMax = dice.pick([3, 30, 600])
    quantityMax = dice.pick([1, 3, 6])
    faults = Disk.Fault.allCases.filter { _ in dice.once(in: 2) }
    weights[Kind.ask.rawValue] = 300
    weights[Kind.deliver.rawValue] = 600
    weights[Kind.turn.rawValue] = 60 + dice.below(240)
    weights[Kind.tick.rawValue] = 40 + dice.below(200)
    weights[Kind.jump.rawValue] = weight(&dice, 3)
    weights[Kind.stepClock.rawValue] = weight(&dice, 4)
    weights[Kind.edit.rawValue] = 1 + weight(&dice, 30)
    weights[Kind.breakStore.rawValue] = weight(&dice, 20)
    weights[Kind.fillDisk.rawValue] = weight(&dice, 2)
    weights[Kind.crash.rawValue] = weight(&dice, 4)
    weights[Kind.boot.rawValue] = 30
    weights[Kind.swapZones.rawValue] = weight(&dice, 3)
    // Whether a node that lost its way in the log found a definition under the old zone data or the new, nobody can tell.
    if nodes > 1, weights[Kind.swapZones.rawValue] > 0 { faults.removeAll { $0 == .logUnreadable } }
    weights[Kind.shorten.rawValue] = weight(&dice, 10)
    weights[Kind.audit.rawValue] = 1
    weights[Kind.look.rawValue] = weight(&dice, 12)
    if faults.isEmpty { weights[Kind.breakStore.rawValue] = 0 }
    // In the rest they ask first.
    if nodes > 1, !aheadDice.once(in: 6) { decideAhead(&aheadDice) }
    let drawn = max(1, laneDice.below(6) - 1)
    if nodes > 1 { spread(over: count ?? drawn, &laneDice) }
  }

  private mutating func spread(over count: Int, _ dice: inout Dice) {
    guard count > 1 else { return }
    lanes = count
    sellers = lanes + dice.below(3)
    resources = max(resources, sellers + dice.below(3))
    products = max(products, sellers + dice.below(3))
    loyalty = dice.pick([2, 10, 60, 300])
    mixed = dice.pick([1, 4, 30])
  }

  private mutating func decideAhead(_ dice: inout Dice) {
    ahead = Ahead(
      caution: dice.pick([1, 1, 3, 16]), wandering: dice.pick([2, 20, 100]),
      questions: dice.pick([4, 12, 40]), tickMax: dice.pick([2_000, 20_000, 200_000]))
    weights[Kind.turn.rawValue] += 100
    weights[Kind.write.rawValue] = 30 + dice.below(200)
    // Else they ask first nearly always.
    if !dice.once(in: 4) { limitsBuyers = false }
    if !dice.once(in: 4) { limitMax = dice.pick([40, 4000]) }
    if !dice.once(in: 4) { quantityMax = 1 }
    if !dice.once(in: 4) { weights[Kind.edit.rawValue] = 1 + dice.below(3) }
    if !dice.once(in: 4) { doubled = dice.pick([0, 50]) }
  }
}
