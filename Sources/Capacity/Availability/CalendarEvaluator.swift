/// Judges whole days of an offer at one instant, from what was worked out before. It says of each slot what
/// ``Evaluator`` says of its plan: the rules, the arithmetic and the status are the same code.
package struct CalendarEvaluator {
  package let offer: Offer
  package let quantity: Int64
  package let now: Instant
  private var pools: [PoolColumn]
  private let budgets: [Int64]
  // What is true of every slot alike: versions, and boundaries that all slots have in common.
  private let commonRevision: UInt64
  private let hasCommonObstacle: Bool
  private let stocks: [ScheduledSlot?]

  /// - Parameters:
  ///   - quantity: 0 asks for the least that can be bought.
  ///   - pools: as ``Offer/runs(behind:)`` names them; asked in the order of the schedule.
  package init(_ offer: Offer, quantity: Int64, at now: Instant, pools: [PoolColumn]) {
    self.offer = offer
    self.quantity = quantity > 0 ? quantity : offer.product.leastQuantity
    self.now = now
    self.pools = pools
    budgets = offer.resources.map { $0.resource.overbooking?.units(at: now) ?? 0 }
    stocks = offer.resources.map { $0.scheduledStock(at: now) }
    var own: [Obstacle] = []
    offer.product.appendObstacles(quantity: self.quantity, to: &own)
    hasCommonObstacle =
      !own.isEmpty || offer.resources.contains { $0.resource.paused }
    var revision = Availability.revision(
      product: offer.product.version, resources: offer.resources.map(\.resource.version))
    for resource in offer.resources { revision &+= resource.commonBoundariesPassed(at: now) }
    commonRevision = revision
  }

  /// The answer for each slot of `day`, in their order; nil where the product has no plan there (NO_SLOT_AT_TIME).
  package mutating func availabilities(of day: ProductDay) -> [Availability?] {
    var answers: [Availability?] = []
    answers.reserveCapacity(day.slots.count)
    for index in day.slots.indices { answers.append(availability(day, index)) }
    return answers
  }

  /// The day in one line; see ``DaySummary``.
  package mutating func summary(of day: ProductDay) -> DaySummary {
    var summary = DaySummary(date: day.date)
    var shared = SharedRest(offer)
    for index in day.slots.indices {
      guard let answer = availability(day, index) else {
        summary.addSlotWithoutPlan(subject: offer.primary.resource.id)
        continue
      }
      summary.add(answer, of: offer.product)
      guard !answer.unlimited, answer.remaining > 0, !answer.isClosedByCalendar else { continue }
      summary.totalRemaining += sellable(answer.remaining, day, index, &shared)
    }
    return summary
  }

  /// The one answer of a stock.
  package mutating func stockAvailability() -> Availability? {
    availability(nil, 0)
  }

  /// A stock in one line, as it stands: dates make no difference to it.
  package mutating func stockSummary(on date: CivilDate) -> DaySummary {
    var summary = DaySummary(date: date)
    guard let answer = stockAvailability() else { return summary }
    summary.add(answer, of: offer.product)
    if !answer.unlimited, !answer.isClosedByCalendar {
      summary.totalRemaining = max(0, answer.remaining)
    }
    return summary
  }

  /// The first instant after now at which the answers for `days`, or for the stock, can change by time alone; holds apart. nil: never.
  package func nextBoundary(of days: [ProductDay]) -> Instant? {
    var next = Instant.distantFuture
    for resource in offer.resources { next = min(next, resource.nextCommonBoundary(after: now)) }
    for stock in stocks {
      if let stock { next = min(next, stock.nextBoundary(after: now)) }
    }
    for day in days {
      for draw in stocks.indices {
        for index in day.slots.indices {
          if let slot = day.slot(index, of: draw) {
            next = min(next, slot.nextBoundary(after: now))
          }
        }
      }
    }
    if !offer.product.pricingTriggers.isEmpty {
      let rule = TriggerRule(product: offer.product, zone: offer.primary.zone)
      let stockDate = stocks.first.flatMap { $0 }?.occurrence.date
      for date in days.map(\.date) + [stockDate].compactMap({ $0 }) {
        if let boundary = rule.nextBoundary(date, after: now) { next = min(next, boundary) }
      }
    }
    return next == .distantFuture ? nil : next
  }

  // Without a day: of the stock.
  private func slot(_ draw: Int, _ day: ProductDay?, _ index: Int) -> ScheduledSlot? {
    day?.slot(index, of: draw) ?? stocks[draw]
  }

  private mutating func availability(_ day: ProductDay?, _ index: Int) -> Availability? {
    var headroom = Headroom()
    var revision = commonRevision
    var isBlocked = hasCommonObstacle
    for draw in 0..<stocks.count {
      guard let slot = slot(draw, day, index) else { return nil }
      let view = pools[draw].view(slot.occurrence.ordinal)
      let units = offer.product.draws[draw].units
      headroom.add(
        draw, units: units, demand: units * quantity, limit: slot.limit.raised(by: budgets[draw]),
        view: view)
      revision &+= view.pool.revision &+ slot.boundariesPassed(at: now)
      if !slot.isOpen(at: now) { isBlocked = true }
    }
    var pricing = Pricing.none
    if !offer.product.pricingTriggers.isEmpty {
      pricing = self.pricing(day, index, headroom, &revision)
    }
    return Availability(
      headroom, of: offer.product, quantity: quantity,
      rules: isBlocked ? ruleObstacles(day, index) : [], pricing: pricing, revision: revision)
  }

  private mutating func pricing(
    _ day: ProductDay?, _ index: Int, _ headroom: Headroom, _ revision: inout UInt64
  ) -> Pricing {
    guard let occurrence = slot(0, day, index)?.occurrence else { return .none }
    let ordinals = stocks.indices.map { slot($0, day, index)?.occurrence.ordinal ?? 0 }
    let latches = (stocks.count..<pools.count).map { column in
      pools[column].view(ordinals[column % stocks.count])
    }
    let rule = TriggerRule(product: offer.product, zone: offer.primary.zone)
    for latch in latches { revision &+= latch.pool.revision }
    revision &+= rule.boundariesPassed(occurrence.date, at: now)
    return rule.pricing(
      of: occurrence, seasonID: offer.primary.season(on: occurrence.date)?.id, at: now, headroom
    ) { latches[$0 * stocks.count + headroom.tightest] }
  }

  private func ruleObstacles(_ day: ProductDay?, _ index: Int) -> [Obstacle] {
    var list: [Obstacle] = []
    for (draw, resource) in offer.resources.enumerated() {
      guard let slot = slot(draw, day, index) else { continue }
      resource.appendObstacles(for: slot, at: now, to: &list)
    }
    offer.product.appendObstacles(quantity: quantity, to: &list)
    return list.strongestFirst
  }

  // How much of `remaining` is not promised to other slots of the day yet.
  private mutating func sellable(
    _ remaining: Int64, _ day: ProductDay, _ index: Int, _ shared: inout SharedRest
  ) -> Int64 {
    guard !shared.draws.isEmpty else { return remaining }
    var rests: [SharedRest.Rest] = []
    for draw in shared.draws {
      if let rest = rest(draw, day, index) { rests.append(rest) }
    }
    return shared.take(remaining, from: rests)
  }

  // The pool of one draw, and how many units of the product it has room for; nil: no limit.
  private mutating func rest(
    _ draw: Int, _ day: ProductDay, _ index: Int
  ) -> SharedRest.Rest? {
    guard let slot = slot(draw, day, index),
      case .units(let limit) = slot.limit.raised(by: budgets[draw])
    else { return nil }
    let pool = pools[draw].view(slot.occurrence.ordinal).pool
    let free = limit - pool.held - pool.consumed
    return SharedRest.Rest(
      draw: draw, ordinal: slot.occurrence.ordinal,
      units: max(0, free) / offer.product.draws[draw].units)
  }
}
