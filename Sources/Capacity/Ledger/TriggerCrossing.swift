/// What one change does to the occupancy triggers of one product: which pools are busy from now on, and in which slots a trigger
/// turns on or off by that or by another pool being the tightest.
///
/// It tells each slot whose own pools have moved, by an event that names it. All other slots beside a pool that they share are
/// told by one event that names that pool, if there is one among them in which the trigger has turned. The one thing to know: that
/// is found out from the limits that a definition can give, for slots that nothing was ever drawn from, and from a bounded number
/// of pools; behind the bound it is told without knowing.
struct TriggerCrossing {
  /// Pools beside a shared one that a command looks at one by one, at most.
  static let poolsMax = 250

  /// Nil: the product is new, or its slots are others.
  private(set) var before: TriggerSide?
  private let after: TriggerSide?
  private let subject: Product
  private let at: Instant
  // What latches have moved, until an event has it.
  private var flips: [PoolKey: Movement] = [:]
  // Slots that have been told one by one.
  private var told: Set<Int64> = []
  private var toldPools: Set<PoolKey> = []

  init(_ subject: Product, before: TriggerSide?, after: TriggerSide?, at instant: Instant) {
    self.subject = subject
    self.before = before
    self.after = after
    at = instant
  }

  // MARK: Latches

  /// Notes whether a pool of the draw is busy now.
  mutating func latch(_ draw: Int, _ ordinal: Int64, _ set: inout WorkingSet) {
    guard let after, let standing = after.standing(draw, ordinal, set) else { return }
    for (trigger, _) in after.triggers {
      flip(after.latch(trigger, draw, ordinal), standing.on.contains(trigger.id), &set)
    }
  }

  /// Puts out every latch with this name.
  mutating func unlatch(_ name: String, _ set: inout WorkingSet) {
    for ordinal in set.ordinals(of: name, in: .min ... .max) {
      flip(PoolKey(resourceID: name, ordinal: ordinal), false, &set)
    }
  }

  private mutating func flip(_ latch: PoolKey, _ isOn: Bool, _ set: inout WorkingSet) {
    let wasOn = set.pool(latch).isLatched
    guard isOn != wasOn else { return }
    before?.latches[latch] = wasOn
    let change: Int64 = isOn ? 1 : -1
    let balance = set.write(latch) { pool in
      pool.consumed += change
      pool.revision += 1
    }
    flips[latch] = Movement(pool: latch, consumed: change, balance: balance)
  }

  /// What latches have moved and no event has: the event that caused it is to have it.
  mutating func takeRest() -> [Movement] {
    defer { flips.removeAll() }
    return flips.values.sorted { $0.pool < $1.pool }
  }

  // MARK: Slots

  /// Tells what turns on or off in the slot with this ordinal.
  mutating func tell(slot ordinal: Int64, _ set: inout WorkingSet) {
    guard told.insert(ordinal).inserted, let primary = (after ?? before)?.offer.primary else {
      return
    }
    let was = before?.slot(ordinal, set)
    let now = after?.slot(ordinal, set)
    guard was?.on ?? [] != now?.on ?? [] else { return }
    var pools = [PoolKey(resourceID: primary.resource.id, ordinal: ordinal)]
    if let tightest = now?.tightest, tightest != pools[0] { pools.append(tightest) }
    emit(from: was?.on ?? [], to: now?.on ?? [], pools, &set)
  }

  private mutating func emit(
    from was: Set<String>, to now: Set<String>, _ pools: [PoolKey], _ set: inout WorkingSet
  ) {
    for trigger in triggers where was.contains(trigger.id) != now.contains(trigger.id) {
      var movements = pools.compactMap { pool in
        latch(trigger, pool).flatMap { flips.removeValue(forKey: $0) }
      }
      // Nothing moves in them: they say which slots it is about.
      movements += pools.map { Movement(pool: $0, balance: set.pool($0)) }
      set.append(
        now.contains(trigger.id) ? .pricingTriggerOn : .pricingTriggerOff, at: at,
        .product(subject), movements, actor: "cupo", reason: trigger.id)
    }
  }

  // In the order of the definition, those that are gone behind the others.
  private var triggers: [PricingTrigger] {
    let present = after?.triggers.map(\.trigger) ?? []
    let gone = (before?.triggers ?? []).map(\.trigger).filter { trigger in
      !present.contains { $0.id == trigger.id }
    }
    return present + gone
  }

  private func latch(_ trigger: PricingTrigger, _ pool: PoolKey) -> PoolKey? {
    guard let side = after ?? before, let draw = side.draw(on: pool.resourceID) else { return nil }
    return side.latch(trigger, draw, pool.ordinal)
  }

  // MARK: Shared pools

  /// Tells what turns on or off in slots that share `pool` and were not told one by one.
  ///
  /// - Parameter looks: how many pools may still be looked at; nil: those that anything was ever drawn from have been told.
  mutating func tell(sharing pool: PoolKey, looks: inout Int?, _ set: inout WorkingSet) {
    guard toldPools.insert(pool).inserted else { return }
    let pair = SharedPair(pool, before, after, told, set)
    guard let turns = pair.turns(looks: &looks, set) else { return }
    emit(from: [], to: turns.on, [pool], &set)
    emit(from: turns.off, to: [], [pool], &set)
  }
}
