import Capacity
import CapacityEngine
import Synchronization

/// Everything that there is: nodes on a store, clients behind a network, an operator, and the truth beside them.
///
/// It does one thing a step, on one thread. What a step does depends on the seed, its number and what the steps before it
/// left, so that steps can be left out and the rest still means something.
final class World {
  /// 2026-10-24T20:00:00Z: five hours before the clocks of one of its zones go back.
  static let beginning: Int64 = 1_792_872_000

  let seed: UInt64
  let planted: Planted?
  let swarm: Swarm
  /// When pools are written: in many runs so late that a crash meets rows that are behind.
  let sweepLimits: PoolSweep.Limits
  let disk: Disk
  let nodes: [Node]
  var truth = Truth()
  var dice: Dice
  /// Microseconds since 1970, what the clock on the wall shows.
  var now: Int64
  /// How far the store's clock is off.
  var storeSkew: Int64 = 0
  var digest = Digest()
  /// Messages under way, in any order.
  var mail: [Message] = []
  var clients: [Client] = []
  var requestsCount = 0
  /// The number of the present step.
  private(set) var stepIndex = 0
  /// What nodes had under way when they died.
  var orphans: [(node: Int, committer: StepCommitter)] = []
  /// Batches that were decided ahead and sent.
  var sentCount = 0
  /// Batches that came to stand behind others in the log.
  var movedCount = 0
  /// Which zone data the nodes find, and what there is.
  let zoneData: ZoneData
  let zoneVersion = ZoneVersion()
  /// Where what happens is told to, while somebody listens.
  var tell: ((String) -> Void)?
  var commands = 0
  /// The nodes whose turn it is: one, or one that came before another.
  var turning: [Int] = []
  /// What broke where nothing can be thrown.
  var failure: Broken?
  /// Definitions that were put, and as which event.
  var resourceEdits: [(sequence: UInt64, id: String)] = []
  let executor = HandExecutor()
  /// Those who watch, and the node that each of them asks.
  var watchers: [(watcher: Watcher, home: Int)] = []
  /// The last event that a follower of the log has read.
  var readThrough: UInt64 = 0

  enum Message {
    case request(Request, node: Int)
    case answer(Letter)
  }

  final class ZoneVersion: Sendable {
    private let version = Atomic<Int>(0)
    var value: Int {
      get { version.load(ordering: .relaxed) }
      set { version.store(newValue, ordering: .relaxed) }
    }
  }

  init(seed: UInt64, planted: Planted?, lanes: Int?) throws(Broken) {
    self.seed = seed
    self.planted = planted
    var dice = Dice(seed: seed, step: -1)
    // Of its own dice, so that all else is as it is without.
    var aheadDice = Dice(seed: seed, step: -3)
    var laneDice = Dice(seed: seed, step: -4)
    swarm = Swarm(&dice, ahead: &aheadDice, lanes: &laneDice, count: lanes)
    self.dice = dice
    // Of its own dice, so that all else is as it is without.
    var sweepDice = Dice(seed: seed, step: -2)
    var sweepLimits = sweepDice.pick([
      PoolSweep.Limits(), PoolSweep.Limits(atOnceMax: 2, rowsMin: 1, eventsPerRow: 8, keysMax: 3),
      PoolSweep.Limits(atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1),
    ])
    // Lanes in which little happens are left behind by others.
    if swarm.lanes > 1 { sweepLimits.eventsMax = sweepDice.pick([20, 100, 100_000]) }
    self.sweepLimits = sweepLimits
    disk = Disk(planted: planted, isShared: swarm.nodes > 1, lanes: swarm.lanes)
    nodes = (0..<swarm.nodes).map { Node($0) }
    now = World.beginning * 1_000_000 + dice.from(0, to: 4 * 3600 * 1_000_000)
    zoneData = ZoneData()
    truth.lanes = Array(repeating: Truth.LaneEnd(), count: swarm.lanes)
    for index in 0..<swarm.sellers {
      truth.sellerLanes[seller(index)] = SellerLane.number(of: seller(index), count: swarm.lanes)
    }
    for table in zoneData.all { truth.tables[table.zone] = table }
    for index in 0..<swarm.clients { clients.append(Client(index)) }
    for index in 0..<3 { watchers.append((Watcher(), index % swarm.nodes)) }
    disk.beforeLock = { [weak self] owner in self?.comeBefore(owner) }
    disk.beforeAppend = { [weak self] owner in self?.comeBetween(owner) }
    for node in nodes { try boot(node) }
    try furnish()
  }

  /// Does step number `index`.
  func step(_ index: Int) throws(Broken) {
    dice = Dice(seed: seed, step: index)
    stepIndex = index
    let kind = Swarm.Kind.allCases[dice.weighted(swarm.weights)]
    digest.mix(kind.rawValue)
    switch kind {
    case .ask: ask()
    case .deliver: try deliver()
    case .turn: try turn(nodes[someNode()])
    case .tick: try tick()
    case .jump: try jump()
    case .stepClock: stepClock()
    case .edit: edit()
    case .breakStore: breakStore()
    case .fillDisk: fillDisk()
    case .crash: try crash()
    case .boot: for node in nodes where !node.isUp { try boot(node) }
    case .swapZones: swapZones()
    case .shorten: try shorten()
    case .audit: try audit()
    case .look: try look()
    case .write: try write()
    }
    try follow()
  }

  /// The last look, once all steps are done.
  func finish() throws(Broken) {
    disk.faults.removeAll()
    disk.isFull = false
    for node in nodes {
      if !node.isUp { try boot(node) }
      now += 1_000_000
      setClocks()
      try turn(node)
      try turn(node)
      try look()
      try settle(node)
      try checkWrittenDown(node)
    }
    try audit()
    try compareEverything("at the end")
  }

  /// A node to turn to. Where they decide ahead it is mostly the same one for a while: those who meet often ask first.
  func someNode() -> Int {
    guard let ahead = swarm.ahead, swarm.lanes == 1, !dice.once(in: ahead.wandering) else {
      return dice.below(nodes.count)
    }
    return stepIndex / 500 % nodes.count
  }

  func say(_ text: @autoclosure () -> String) {
    if let tell { tell(text()) }
  }

  func setClocks() {
    disk.clock.now = Instant(microseconds: now + storeSkew)
    for node in nodes { node.clock.now = Instant(microseconds: now + node.skew) }
  }
}
