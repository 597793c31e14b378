/// Judges whether a product can be sold in a slot. The only place where the sale rules come together.
///
/// Pure: it sees a plan, the pools behind it, a quantity and an instant. A reservation of several lines judges each
/// line with the demand of all of them; everything else demands its own quantity. ``CalendarEvaluator`` does the same for whole
/// days that have been worked out before, from the same parts.
package struct Evaluator {
  private let plan: SlotPlan
  private let now: Instant

  package init(_ plan: SlotPlan, at now: Instant) {
    self.plan = plan
    self.now = now
  }

  /// The rules that block without regard to how much is left, strongest first.
  ///
  /// - Parameters:
  ///   - quantity: of the product, over all lines of the reservation; nil: quantity limits are not asked about.
  ///   - buyer: whose limits count; nil: nobody's.
  package func ruleObstacles(quantity: Int64?, buyer: BuyerCheck? = nil) -> [Obstacle] {
    var list: [Obstacle] = []
    // By a span, here and below: a draw that is taken out is a copy, whose references are counted.
    let planned = plan.draws
    let draws = planned.span
    for index in draws.indices {
      draws[index].scheduled.appendObstacles(for: draws[index].slot, at: now, to: &list)
    }
    Product.appendObstacles(
      plan.product.paused, plan.product.limits, quantity: quantity, subject: plan.product.id,
      to: &list)
    if let buyer, let quantity {
      buyer.appendObstacles(
        plan.product, quantity: quantity, zone: plan.primary.scheduled.zone, at: now, to: &list)
    }
    return list.strongestFirst
  }

  /// Why `quantity` of the product does not fit, or nil where it does.
  ///
  /// - Parameters:
  ///   - demand: units that the whole request draws from each pool, in the order of the plan's draws.
  ///   - views: the pools in the order of the plan's.
  package func scarcity(quantity: Int64, demand: [Int64], views: [PoolView]) -> Obstacle? {
    var headroom = Headroom()
    let planned = plan.draws
    let draws = planned.span
    for index in draws.indices {
      headroom.add(
        index, units: draws[index].units, demand: demand[index], limit: limit(draws[index]),
        view: views[index])
    }
    return headroom.obstacle(quantity: quantity, subject: plan.product.id)
  }

  /// The whole answer for `quantity` of the product alone in its request.
  package func availability(quantity: Int64, views: [PoolView]) -> Availability {
    var headroom = Headroom()
    var changes: UInt64 = 0
    for (index, draw) in plan.draws.enumerated() {
      headroom.add(
        index, units: draw.units, demand: draw.units * quantity, limit: limit(draw),
        view: views[index])
      changes &+= views[index].pool.revision
      changes &+= draw.scheduled.boundariesPassed(for: draw.slot, at: now)
    }
    let versions = Availability.revision(
      product: plan.product.version, resources: plan.draws.map(\.scheduled.resource.version))
    if !plan.product.pricingTriggers.isEmpty {
      for latch in views.dropFirst(plan.draws.count) { changes &+= latch.pool.revision }
      changes &+= triggers.boundariesPassed(plan.primary.occurrence.date, at: now)
    }
    return Availability(
      headroom, of: plan.product, quantity: quantity, rules: ruleObstacles(quantity: quantity),
      pricing: pricing(headroom, views), revision: versions &+ changes)
  }

  /// Which triggers are on, and what they come to.
  package func pricing(views: [PoolView]) -> Pricing {
    plan.product.pricingTriggers.isEmpty ? .none : pricing(headroom(views: views), views)
  }

  func headroom(views: [PoolView]) -> Headroom {
    var headroom = Headroom()
    for (index, draw) in plan.draws.enumerated() {
      headroom.add(index, units: draw.units, demand: 0, limit: limit(draw), view: views[index])
    }
    return headroom
  }

  private func pricing(_ headroom: Headroom, _ views: [PoolView]) -> Pricing {
    guard !plan.product.pricingTriggers.isEmpty else { return .none }
    let occurrence = plan.primary.occurrence
    return triggers.pricing(
      of: occurrence, seasonID: plan.primary.scheduled.season(on: occurrence.date)?.id, at: now,
      headroom
    ) { views[plan.draws.count * (1 + $0) + headroom.tightest] }
  }

  private var triggers: TriggerRule {
    TriggerRule(product: plan.product, zone: plan.primary.scheduled.zone)
  }

  /// Every pool behind the slot, in the order of the draws.
  package func balances(views: [PoolView]) -> [Availability.Balance] {
    plan.draws.indices.map { index in
      Availability.Balance(
        key: plan.draws[index].pool, limit: limit(plan.draws[index]), pool: views[index].pool)
    }
  }

  /// All that stands in the way of `quantity`, strongest first: every rule, and every pool that has too little.
  ///
  /// The first of them is what a reservation of this quantity alone would be told.
  package func obstacles(
    quantity: Int64, views: [PoolView], buyer: BuyerCheck? = nil
  ) -> [Obstacle] {
    let scarce = plan.draws.indices.compactMap { index -> Obstacle? in
      let draw = plan.draws[index]
      var headroom = Headroom()
      headroom.add(
        0, units: draw.units, demand: draw.units * quantity, limit: limit(draw),
        view: views[index])
      return headroom.obstacle(quantity: quantity, subject: draw.scheduled.resource.id)
    }
    return ruleObstacles(quantity: quantity, buyer: buyer) + scarce.strongestFirst
  }

  /// The first instant after now at which the answer can change by time alone; holds apart.
  package func nextBoundary() -> Instant? {
    let rules = plan.draws.compactMap { $0.scheduled.nextBoundary(for: $0.slot, after: now) }.min()
    guard !plan.product.pricingTriggers.isEmpty,
      let trigger = triggers.nextBoundary(plan.primary.occurrence.date, after: now)
    else { return rules }
    return min(trigger, rules ?? trigger)
  }

  private func limit(_ draw: SlotPlan.PlannedDraw) -> Limit {
    draw.scheduled.limit(of: draw.slot, at: now)
  }
}

extension Product {
  /// Appends what the product itself has against a sale.
  ///
  /// - Parameter quantity: nil: quantity limits are not asked about.
  func appendObstacles(quantity: Int64?, to list: inout [Obstacle]) {
    Self.appendObstacles(paused, limits, quantity: quantity, subject: id, to: &list)
  }

  // By parts: a product that is taken out of a plan is a copy, with a dozen references that are counted.
  fileprivate static func appendObstacles(
    _ paused: Bool, _ limits: PurchaseLimits, quantity: Int64?, subject: @autoclosure () -> String,
    to list: inout [Obstacle]
  ) {
    if paused { list.append(Obstacle(.paused, subject: subject())) }
    guard let quantity else { return }
    if quantity < limits.minQuantity {
      list.append(Obstacle(.belowMinQuantity(limits.minQuantity), subject: subject()))
    }
    if limits.maxQuantity > 0, quantity > limits.maxQuantity {
      list.append(Obstacle(.aboveMaxQuantity(limits.maxQuantity), subject: subject()))
    }
  }

  /// The quantity that an answer is about where none is asked for: the least that can be bought.
  package var leastQuantity: Int64 { max(1, limits.minQuantity) }
}

extension [Obstacle] {
  /// Nearly always empty or alone; a stable sort keeps the order of the draws within one rank.
  var strongestFirst: [Obstacle] {
    guard count > 1 else { return self }
    return enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element)
  }
}
