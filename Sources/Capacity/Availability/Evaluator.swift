/// Judges whether a product can be sold in a slot. The only place where the sale rules come together.
///
/// Pure: it sees a plan, the pools behind it, a quantity and an instant. A reservation of several lines judges each
/// line with the demand of all of them; everything else demands its own quantity.
package struct Evaluator {
  private let plan: SlotPlan
  private let now: Instant

  package init(_ plan: SlotPlan, at now: Instant) {
    self.plan = plan
    self.now = now
  }

  /// The rules that block without regard to how much is left, strongest first.
  ///
  /// - Parameter quantity: of the product, over all lines of the reservation; nil: quantity limits are not asked about.
  package func ruleObstacles(quantity: Int64?) -> [Obstacle] {
    var list: [Obstacle] = []
    for draw in plan.draws {
      draw.scheduled.appendObstacles(for: draw.occurrence, at: now, to: &list)
    }
    if plan.product.paused { list.append(Obstacle(.paused, subject: plan.product.id)) }
    if let quantity { appendQuantityObstacles(quantity, to: &list) }
    // Nearly always empty or alone; a stable sort keeps the order of the draws within one rank.
    guard list.count > 1 else { return list }
    return list.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element)
  }

  /// Why `quantity` of the product does not fit, or nil where it does.
  ///
  /// - Parameters:
  ///   - demand: units that the whole request draws from each pool, in the order of the plan's draws.
  ///   - views: the pools in the order of the plan's draws.
  package func scarcity(quantity: Int64, demand: [Int64], views: [PoolView]) -> Obstacle? {
    var blocked = false
    var beyondHolds = false
    var soldOut = false
    var nextExpiry: Instant?
    for (index, draw) in plan.draws.enumerated() {
      guard let room = room(index, views) else { continue }
      guard demand[index] > room.free else { continue }
      blocked = true
      if demand[index] > room.sellable { beyondHolds = true }
      if room.sellable < draw.units { soldOut = true }
      // A sale needs every pool, so the last of them to free something decides.
      if let expiry = views[index].nextExpiry, expiry > nextExpiry ?? .distantPast {
        nextExpiry = expiry
      }
    }
    guard blocked else { return nil }
    let subject = plan.product.id
    if soldOut { return Obstacle(.soldOut, subject: subject) }
    if beyondHolds {
      let available = max(0, remaining(views)?.units ?? 0)
      let kind = Obstacle.Kind.insufficientCapacity(requested: quantity, available: available)
      return Obstacle(kind, subject: subject)
    }
    return Obstacle(.heldByOthers(nextExpiry: nextExpiry), subject: subject, until: nextExpiry)
  }

  /// The whole answer for `quantity` of the product alone in its request.
  package func availability(quantity: Int64, views: [PoolView]) -> Availability {
    var obstacles = ruleObstacles(quantity: quantity)
    let closed = !obstacles.isEmpty
    let demand = plan.draws.map { $0.units * quantity }
    let scarcity = scarcity(quantity: quantity, demand: demand, views: views)
    if let scarcity { obstacles.append(scarcity) }

    let rest = remaining(views)
    let tightest = rest?.index ?? 0
    let limit = limit(tightest)
    let pool = views[tightest].pool
    var answer = Availability(
      obstacles: obstacles, status: .available, unlimited: rest == nil, remaining: rest?.units ?? 0,
      tightest: tightest, capacity: 0, held: pool.held, consumed: pool.consumed,
      nextHoldExpiry: views[tightest].nextExpiry,
      pools: plan.draws.indices.map { index in
        Availability.Balance(
          key: plan.draws[index].pool, limit: self.limit(index), pool: views[index].pool)
      },
      revision: revision(views))
    if case .units(let units) = limit { answer.capacity = units }
    if case .heldByOthers(let expiry)? = scarcity?.kind { answer.nextHoldExpiry = expiry }
    answer.status = closed ? .closed : status(scarcity, answer, free: room(tightest, views)?.free)
    return answer
  }

  /// The first instant after now at which the answer can change by time alone; holds apart.
  package func nextBoundary() -> Instant? {
    plan.draws.compactMap { $0.scheduled.nextBoundary(for: $0.occurrence, after: now) }.min()
  }

  private func appendQuantityObstacles(_ quantity: Int64, to list: inout [Obstacle]) {
    let limits = plan.product.limits
    if quantity < limits.minQuantity {
      list.append(Obstacle(.belowMinQuantity(limits.minQuantity), subject: plan.product.id))
    }
    if limits.maxQuantity > 0, quantity > limits.maxQuantity {
      list.append(Obstacle(.aboveMaxQuantity(limits.maxQuantity), subject: plan.product.id))
    }
  }

  private func limit(_ index: Int) -> Limit {
    let draw = plan.draws[index]
    return draw.scheduled.limit(of: draw.occurrence, at: now)
  }

  // What is free now, and what would be if every hold ended; nil where the pool has no limit.
  private func room(_ index: Int, _ views: [PoolView]) -> (free: Int64, sellable: Int64)? {
    let pool = views[index].pool
    guard case .units(let units) = limit(index) else {
      // Even an unlimited pool ends where 64 bits do.
      return pool.held + pool.consumed < Int64.max / 4 ? nil : (0, 0)
    }
    let sellable = units - pool.consumed
    return (sellable - pool.held, sellable)
  }

  // How many units of the product fit, and which draw says so; nil where no pool has a limit.
  private func remaining(_ views: [PoolView]) -> (units: Int64, index: Int)? {
    var best: (units: Int64, index: Int)?
    for (index, draw) in plan.draws.enumerated() {
      guard let room = room(index, views) else { continue }
      let fits = room.free.flooredDivision(by: draw.units)
      if fits < best?.units ?? .max { best = (fits, index) }
    }
    return best
  }

  private func status(
    _ scarcity: Obstacle?, _ answer: Availability, free: Int64?
  ) -> Availability.Status {
    switch scarcity?.kind {
    case .soldOut: return .soldOut
    case .insufficientCapacity: return .insufficient
    case .heldByOthers: return answer.remaining > 0 ? .insufficient : .heldOnly
    default: break
    }
    let threshold = Int64(plan.product.limitedThresholdPercent)
    guard threshold > 0, let free, !answer.unlimited else { return .available }
    // Limits go to 10^15, so a hundredfold stays within 64 bits.
    return free * 100 <= answer.capacity * threshold ? .limited : .available
  }

  private func revision(_ views: [PoolView]) -> UInt64 {
    var sum = Availability.revision(
      product: plan.product.version, resources: plan.draws.map(\.scheduled.resource.version))
    for (draw, view) in zip(plan.draws, views) {
      sum &+= view.pool.revision
      sum &+= draw.scheduled.boundariesPassed(for: draw.occurrence, at: now)
    }
    return sum
  }
}

extension Int64 {
  /// Division that rounds down, so that an overcommitted pool shows a negative rest.
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
