/// A product before or after a change, as far as its triggers by occupancy go.
struct TriggerSide {
  /// How a pool stands: how much room it leaves, and for which triggers it is busy.
  struct Standing {
    var headroom: Headroom
    var on: Set<String> = []

    /// Units of the product that the pool leaves room for.
    var room: Int64 { headroom.isUnlimited ? .max : headroom.remaining }
  }

  let offer: Offer
  let now: Instant
  let triggers: [(trigger: PricingTrigger, percent: Int)]
  /// Counters that are others than in the working set.
  var pools: [PoolKey: Pool]
  /// Latches that are others than in the working set, and whether each is on.
  var latches: [PoolKey: Bool] = [:]

  init(_ offer: Offer, at now: Instant, pools: [PoolKey: Pool] = [:]) {
    self.offer = offer
    self.now = now
    self.pools = pools
    triggers = offer.product.occupancyTriggers
  }

  func draw(on resourceID: String) -> Int? {
    offer.product.draws.firstIndex { $0.resourceID == resourceID }
  }

  /// Whether each pool of the draw is behind one slot only.
  func isOwn(_ draw: Int) -> Bool {
    offer.resources[draw].resource.inventory.kind == offer.primary.resource.inventory.kind
  }

  func latch(_ trigger: PricingTrigger, _ draw: Int, _ ordinal: Int64) -> PoolKey {
    PoolKey(resourceID: offer.product.latchName(trigger.id, draw: draw), ordinal: ordinal)
  }

  /// Nil: it is over.
  func standing(_ draw: Int, _ ordinal: Int64, _ set: WorkingSet) -> Standing? {
    let scheduled = offer.resources[draw]
    guard let place = scheduled.occurrence(ofOrdinal: ordinal, at: now) else { return nil }
    return standing(draw, scheduled.scheduled(place), set)
  }

  /// How a pool of the draw stands that nothing was ever drawn from.
  func untouched(_ draw: Int, _ limit: Limit) -> Standing {
    Standing(headroom: headroom(draw, limit, .untouched))
  }

  /// The limits that pools of the draw can have, overbooking included.
  ///
  /// - Parameter span: of what it is asked, in seconds; nil: of all times.
  func limits(_ draw: Int, in span: ClosedRange<Int64>? = nil) -> [Limit] {
    let scheduled = offer.resources[draw]
    let budget = scheduled.resource.overbooking?.units(at: now) ?? 0
    guard let span else { return scheduled.limits.map { $0.raised(by: budget) } }
    return dates(scheduled.zone, span).flatMap { scheduled.limits(on: $0) }
      .map { $0.raised(by: budget) }
  }

  private func dates(_ zone: Zone, _ span: ClosedRange<Int64>) -> [CivilDate] {
    let (first, last) = (zone.date(atSecond: span.lowerBound), zone.date(atSecond: span.upperBound))
    // A clock can go back over midnight.
    return (min(first.day, last.day)...max(first.day, last.day)).map { CivilDate(day: $0) }
  }

  /// The day of a day's quota, in seconds; nil: the draw has none.
  func span(_ draw: Int, _ ordinal: Int64) -> ClosedRange<Int64>? {
    let scheduled = offer.resources[draw]
    guard scheduled.resource.inventory.kind == .daily else { return nil }
    let date = CivilDate(day: Int32(clamping: ordinal))
    let start = scheduled.zone.start(of: date)
    return start...max(start, scheduled.zone.start(of: date.advanced(by: 1)) - 1)
  }

  /// Whether a slot of the draw starts behind `second` and not behind `last`.
  func hasSlot(_ draw: Int, between second: Int64, and last: Int64) -> Bool {
    let scheduled = offer.resources[draw]
    return second < last
      && dates(scheduled.zone, second...last).contains { date in
        scheduled.occurrences(on: date)
          .contains { $0.startSecond > second && $0.startSecond <= last }
      }
  }

  /// Room that a pool of the draw can have if it ends anywhere.
  func mostRoom(_ draw: Int) -> Int64 {
    var most: Int64 = 0
    for limit in limits(draw) {
      if case .units = limit { most = max(most, untouched(draw, limit).room) }
    }
    return most
  }

  /// The triggers that are on in a slot, and the tightest pool behind it; nil: there is no such slot to ask about.
  func slot(_ ordinal: Int64, _ set: WorkingSet) -> (on: Set<String>, tightest: PoolKey)? {
    guard let occurrence = offer.primary.occurrence(ofOrdinal: ordinal, at: now),
      !occurrence.isWithdrawn, case .plan(let plan) = offer.plan(occurrence, at: now)
    else { return nil }
    var found = (standing: standing(0, plan.primary.slot, set), pool: plan.primary.pool)
    for draw in plan.draws.indices.dropFirst() {
      let next = standing(draw, plan.draws[draw].slot, set)
      guard next.headroom.isTighter(than: found.standing.headroom) else { continue }
      found = (next, plan.draws[draw].pool)
    }
    return (found.standing.on, found.pool)
  }

  private func standing(_ draw: Int, _ slot: ScheduledSlot, _ set: WorkingSet) -> Standing {
    let scheduled = offer.resources[draw]
    let ordinal = slot.occurrence.ordinal
    let key = PoolKey(resourceID: scheduled.resource.id, ordinal: ordinal)
    var standing = Standing(
      headroom: headroom(
        draw, scheduled.limit(of: slot, at: now), pools[key] ?? set.pool(key)))
    guard !slot.occurrence.isWithdrawn else { return standing }
    for (trigger, percent) in triggers {
      let latch = latch(trigger, draw, ordinal)
      let wasOn = latches[latch] ?? set.pool(latch).isLatched
      if TriggerRule.isOn(percent, wasOn: wasOn, standing.headroom) {
        standing.on.insert(trigger.id)
      }
    }
    return standing
  }

  private func headroom(_ draw: Int, _ limit: Limit, _ pool: Pool) -> Headroom {
    var headroom = Headroom()
    headroom.add(
      draw, units: offer.product.draws[draw].units, demand: 0, limit: limit,
      view: PoolView(pool: pool, nextExpiry: nil))
    return headroom
  }
}
