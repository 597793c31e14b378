extension Ledger {
  static func reserve(
    _ command: Command.Reserve, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    // A key whose reservation is gone is about to go as well: retention came between the two reads.
    if let number = set.number(of: command.key), let first = set.reservation(number) {
      return replay(command, of: first)
    }
    let buyer = Buyer(id: command.key.buyerID, purpose: .hold)
    let judged = judge(command.lines, by: buyer, &set, now)
    guard judged.failures.isEmpty else { return .rejected(.lines(judged.failures)) }

    var reservation = Reservation(
      number: set.nextReservationNumber(sellerID: judged.plans[0].product.sellerID),
      buyerID: command.key.buyerID,
      reference: command.reference, idempotencyKey: command.key.key, requestedTTL: command.ttl,
      lines: zip(command.lines, judged.plans).map { reservedLine($0, $1, &set, now) },
      createdAt: now, expiresAt: now + ttl(command.ttl, judged.plans))
    let quantities = reservation.lines.map(\.held)
    let movements = move(quantities, of: reservation, .hold, &set)
    reservation.version = 1
    set.write(reservation)
    set.write(command.key, for: reservation.number)
    set.append(
      .reservationHeld, at: now, .reservation(reservation), movements, actor: command.actor)
    crossTriggers(movements, at: now, &set)
    return .reserved(reservation, replayed: false)
  }

  /// For whom lines are judged, and what for.
  struct Buyer {
    var id: String
    var purpose: BuyerCheck.Purpose
  }

  /// Judges lines as one request: units that several of them draw from one pool are summed first.
  /// - Returns: a plan for each line, or the strongest obstacle of each line that has one.
  static func judge(
    _ lines: [Command.RequestedLine], by buyer: Buyer, _ set: inout WorkingSet, _ now: Instant
  ) -> (plans: [SlotPlan], failures: [LineFailure]) {
    var plans: [SlotPlan?] = []
    var failures: [LineFailure] = []
    for (index, line) in lines.enumerated() {
      let found = set.recentPlans.find(
        productID: line.productID, slotID: line.slot, in: set.catalogue, at: now)
      switch found {
      case .plan(let plan): plans.append(plan)
      case .obstacle(let obstacle):
        plans.append(nil)
        failures.append(LineFailure(line: index, obstacle: obstacle))
      }
    }
    let demand = demand(of: lines, plans)
    for (index, plan) in plans.enumerated() {
      guard let plan else { continue }
      let total = lines.lazy.filter { $0.productID == plan.product.id }.map(\.quantity).reduce(0, +)
      let evaluator = Evaluator(plan, at: now)
      let obstacle =
        evaluator.ruleObstacles(
          quantity: total, buyer: set.check(buyer.id, buyer.purpose, of: plan.product.limits)
        ).first
        ?? scarcity(lines[index].quantity, demand, evaluator, plan, &set)
      if let obstacle { failures.append(LineFailure(line: index, obstacle: obstacle)) }
    }
    return (plans.compactMap { $0 }, failures.sorted { $0.line < $1.line })
  }

  // When something comes back is asked only where something is missing: for that a hold is looked at, which may be far away in memory.
  private static func scarcity(
    _ quantity: Int64, _ demand: Demand, _ evaluator: Evaluator, _ plan: SlotPlan,
    _ set: inout WorkingSet
  ) -> Obstacle? {
    let demand = plan.frozen.map { demand.units(of: $0.pool) }
    let counts = plan.frozen.map { set.counts($0.pool) }
    guard evaluator.scarcity(quantity: quantity, demand: demand, views: counts) != nil else {
      return nil
    }
    return evaluator.scarcity(
      quantity: quantity, demand: demand, views: plan.frozen.map { set.view($0.pool) })
  }

  private static func demand(of lines: [Command.RequestedLine], _ plans: [SlotPlan?]) -> Demand {
    var demand = Demand()
    // By indices: a line or a draw that is taken out is a copy, whose references are counted.
    for index in lines.indices {
      guard let draws = plans[index]?.frozen else { continue }
      for draw in draws.indices {
        demand.add(draws[draw].units * lines[index].quantity, to: draws[draw].pool)
      }
    }
    return demand
  }

  private static func reservedLine(
    _ line: Command.RequestedLine, _ plan: SlotPlan, _ set: inout WorkingSet, _ now: Instant
  ) -> ReservationLine {
    var reserved = ReservationLine(terms: plan.terms, quantity: line.quantity)
    guard !plan.product.pricingTriggers.isEmpty else { return reserved }
    // As the buyer saw it: no unit of this reservation counts yet.
    let pricing = Evaluator(plan, at: now).pricing(views: plan.pools.map { set.counts($0) })
    if pricing != .none { reserved.terms = plan.terms.priced(pricing) }
    return reserved
  }

  // With several products the smallest default and the smallest maximum hold.
  private static func ttl(_ requested: Interval?, _ plans: [SlotPlan]) -> Interval {
    var standard = Interval(microseconds: .max)
    var longest = HoldPolicy.systemMaxTTL
    for plan in plans {
      let season = plan.primary.scheduled.season(on: plan.primary.occurrence.date)
      let policy = plan.product.holds
      let own = season?.defaultTTL ?? policy.defaultTTL ?? HoldPolicy.systemDefaultTTL
      standard = min(standard, own)
      longest = min(longest, policy.maxTTL ?? longest, policy.maxHoldAge ?? longest)
    }
    return max(HoldPolicy.systemMinTTL, min(requested ?? standard, longest))
  }

  private static func replay(_ command: Command.Reserve, of first: Reservation) -> Outcome {
    if let field = firstDifference(command, first) { return .rejected(.keyReused(field: field)) }
    return .reserved(first, replayed: true)
  }

  private static func firstDifference(
    _ command: Command.Reserve, _ first: Reservation
  ) -> String? {
    for (index, (asked, line)) in zip(command.lines, first.lines).enumerated() {
      if asked.productID != line.productID { return "lines[\(index)].product_id" }
      if asked.slot != line.slot { return "lines[\(index)].slot" }
      if asked.quantity != line.quantity { return "lines[\(index)].quantity" }
    }
    if command.lines.count != first.lines.count { return "lines" }
    if command.ttl != first.requestedTTL { return "ttl" }
    return command.reference != first.reference ? "reference" : nil
  }
}

/// Units demanded of each pool by one request: a handful, so a list beats a dictionary.
private struct Demand {
  private var entries: [(pool: PoolKey, units: Int64)] = []

  mutating func add(_ units: Int64, to pool: PoolKey) {
    if let index = entries.firstIndex(where: { $0.pool == pool }) {
      entries[index].units += units
    } else {
      entries.append((pool, units))
    }
  }

  func units(of pool: PoolKey) -> Int64 {
    entries.first { $0.pool == pool }?.units ?? 0
  }
}
