import Capacity

/// Holds what is said of occupancy triggers against the log: it reads events alone, remembers by arithmetic of its own which pools
/// are busy, and knows from that what must be on in each slot.
struct TriggerWitness {
  /// One slot of a product that anybody could ask about.
  struct Place: Hashable {
    var product: String
    var slot: String
  }

  private struct Memory: Hashable {
    var product: String
    var trigger: String
    var pool: PoolKey
    var isPrimary: Bool
  }

  private struct Known {
    var on: Set<String>
    var pools: [PoolKey]
  }

  private struct Turn: Hashable {
    var product: String
    var trigger: String
    var kind: Event.Kind
  }

  private var seen = 0
  private var balances: [PoolKey: Pool] = [:]
  private var busy: Set<Memory> = []
  private var known: [Place: Known] = [:]
  private(set) var turnsCount = 0
  private(set) var sharedCount = 0

  /// Looks at `places` after a batch.
  ///
  /// - Parameter isWhole: whether `places` has a slot of every kind there is, and the batch one command that defines nothing: then
  ///   no event may tell of nothing.
  /// - Returns: what does not agree.
  mutating func look(_ desk: inout Desk, _ places: [Place], isWhole: Bool = false) -> [String] {
    let events = Array(desk.events[seen...])
    seen = desk.events.count
    for event in events { follow(event, desk) }
    let turns = events.filter { [.pricingTriggerOn, .pricingTriggerOff].contains($0.kind) }
    turnsCount += turns.count
    var (differences, next, turned) = ([String](), [Place: Known](), Set<Turn>())
    for place in places {
      guard let now = state(place, &desk, &differences) else { continue }
      next[place] = now
      if let was = known[place] {
        compare(place, was, now, turns, &turned, &differences)
      }
    }
    known = next
    for event in turns { check(event, last: turns, desk, isWhole ? turned : nil, &differences) }
    return differences
  }

  // MARK: What the log says

  private mutating func follow(_ event: Event, _ desk: Desk) {
    let moved = event.movements.filter { $0.pool.latch == nil }
    for movement in moved { balances[movement.pool] = movement.balance }
    switch event.kind {
    case .resourceChanged, .stockAdjusted, .productChanged:
      let products = desk.set.catalogue.products
      busy = busy.filter { memory in
        guard let product = products.first(where: { $0.id == memory.product }),
          product.pricingTriggers.contains(where: { $0.id == memory.trigger })
        else { return false }
        let draw = product.draws.firstIndex { $0.resourceID == memory.pool.resourceID }
        return draw.map { ($0 == 0) == memory.isPrimary } ?? false
      }
      for pool in balances.keys { update(pool, at: event.at, desk) }
    default:
      for movement in moved { update(movement.pool, at: event.at, desk) }
    }
  }

  private mutating func update(_ pool: PoolKey, at instant: Instant, _ desk: Desk) {
    guard let (limit, isWithdrawn) = limit(pool, instant, desk) else { return }
    let taken = (balances[pool] ?? .untouched).held + (balances[pool] ?? .untouched).consumed
    for product in desk.set.catalogue.products {
      guard let draw = product.draws.firstIndex(where: { $0.resourceID == pool.resourceID })
      else { continue }
      for trigger in product.pricingTriggers {
        guard case .occupancyAtLeast(let percent) = trigger.condition else { continue }
        let memory = Memory(
          product: product.id, trigger: trigger.id, pool: pool, isPrimary: draw == 0)
        guard let limit, !isWithdrawn else {
          busy.remove(memory)
          continue
        }
        let isFull = limit == 0 ? taken > 0 : taken * 100 >= limit * Int64(percent)
        let isIdle = limit == 0 ? taken == 0 : taken * 100 <= limit * Int64(max(0, percent - 5))
        if isFull { busy.insert(memory) } else if isIdle { busy.remove(memory) }
      }
    }
  }

  // Nil: the pool is over; a limit that is nil is none.
  private func limit(
    _ pool: PoolKey, _ instant: Instant, _ desk: Desk
  ) -> (limit: Int64?, isWithdrawn: Bool)? {
    guard let scheduled = desk.set.catalogue.resource(pool.resourceID),
      let place = scheduled.occurrence(ofOrdinal: pool.ordinal, at: instant)
    else { return nil }
    guard case .units(let units) = scheduled.limit(of: place, at: instant) else {
      return (nil, place.isWithdrawn)
    }
    return (units, place.isWithdrawn)
  }

  // MARK: What is said

  private func state(
    _ place: Place, _ desk: inout Desk, _ differences: inout [String]
  ) -> Known? {
    let found = SlotPlan.find(
      productID: place.product, slotID: place.slot, in: desk.set.catalogue, at: desk.now)
    guard case .plan(let plan) = found,
      plan.primary.scheduled.occurrence(
        ofOrdinal: plan.primary.occurrence.ordinal, at: desk.now) != nil
    else { return nil }
    let views = plan.pools.map { desk.set.view($0) }
    let said = Set(Evaluator(plan, at: desk.now).pricing(views: views).triggerIDs)
    let must = expected(plan, desk)
    if said != must {
      differences.append("\(place) is shown with \(said), the log makes it \(must)")
    }
    return Known(on: said, pools: plan.draws.map(\.pool))
  }

  private func expected(_ plan: SlotPlan, _ desk: Desk) -> Set<String> {
    var tightest: (rest: Int64, index: Int)?
    for (index, draw) in plan.draws.enumerated() {
      guard let limit = limit(draw.pool, desk.now, desk)?.limit else { continue }
      let pool = balances[draw.pool] ?? .untouched
      let free = limit - pool.held - pool.consumed
      let rest = free >= 0 ? free / draw.units : -((-free + draw.units - 1) / draw.units)
      if tightest.map({ rest < $0.rest }) ?? true { tightest = (rest, index) }
    }
    guard let index = tightest?.index else { return [] }
    let pool = plan.draws[index].pool
    return Set(
      plan.product.pricingTriggers.map(\.id).filter { id in
        busy.contains(
          Memory(product: plan.product.id, trigger: id, pool: pool, isPrimary: index == 0))
      })
  }

  // MARK: Both together

  // What has changed was told in the same batch, by an event that names a pool behind the slot.
  private func compare(
    _ place: Place, _ was: Known, _ now: Known, _ turns: [Event], _ turned: inout Set<Turn>,
    _ differences: inout [String]
  ) {
    for trigger in was.on.symmetricDifference(now.on) {
      let kind: Event.Kind =
        now.on.contains(trigger) ? .pricingTriggerOn : .pricingTriggerOff
      turned.insert(Turn(product: place.product, trigger: trigger, kind: kind))
      let pools = Set(was.pools + now.pools)
      let isTold = turns.contains { event in
        event.kind == kind && event.reason == trigger && event.productID == place.product
          && event.movements.contains { pools.contains($0.pool) }
      }
      if !isTold { differences.append("nobody was told that \(trigger) of \(place) has turned") }
    }
  }

  // What is told of a slot is so; what is told of slots that share a pool has happened to one.
  private mutating func check(
    _ event: Event, last turns: [Event], _ desk: Desk, _ turned: Set<Turn>?,
    _ differences: inout [String]
  ) {
    guard let id = event.productID, let offer = Offer(id, in: desk.set.catalogue) else { return }
    let primary = event.movements.first { $0.pool.resourceID == offer.primary.resource.id }?.pool
    guard let primary else {
      sharedCount += 1
      let turn = Turn(product: id, trigger: event.reason, kind: event.kind)
      if let turned, offer.product.draws.count < 3, !turned.contains(turn) {
        differences.append("\(event.kind) \(turn) \(event.movements) tells of nothing")
      }
      return
    }
    let place = Place(product: id, slot: offer.primary.slotID(ofOrdinal: primary.ordinal))
    guard let known = known[place] else { return }
    let isLast = !turns.contains { later in
      later.sequence > event.sequence && later.productID == id && later.reason == event.reason
        && later.movements.contains { known.pools.contains($0.pool) }
    }
    guard isLast else { return }
    if known.on.contains(event.reason) != (event.kind == .pricingTriggerOn) {
      differences.append("\(event.kind) \(event.reason) is told of \(place), which is \(known.on)")
    }
  }
}

extension Event {
  /// Of a trigger: whose it is.
  fileprivate var productID: String? {
    guard case .product(let product) = subject else { return nil }
    return product.id
  }
}
