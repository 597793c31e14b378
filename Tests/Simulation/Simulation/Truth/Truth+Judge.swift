import Capacity

/// What may be sold now.
extension Truth {
  /// For whom, and of a second try when it was reserved.
  struct Customer {
    var id: String
    var reservedAt: Instant?
  }

  /// What keeps each line from being sold, all of them together as one request; and what they draw.
  func judge(
    _ lines: [Command.RequestedLine], for customer: Customer?, _ zones: Zones, _ now: Instant
  ) -> (drawn: [[Drawn]], failures: [LineFailure]) {
    var found: [Found] = []
    var demand: [PoolKey: Int64] = [:]
    for line in lines {
      let place = find(line.productID, line.slot, zones, now)
      if case .drawn(_, let drawn) = place {
        for draw in drawn { demand[draw.pool, default: 0] += draw.units * line.quantity }
      }
      found.append(place)
    }
    var all: [[Drawn]] = []
    var failures: [LineFailure] = []
    for (index, line) in lines.enumerated() {
      switch found[index] {
      case .refused(let kind):
        failures.append(LineFailure(line: index, obstacle: Obstacle(kind, subject: "")))
      case .drawn(let product, let drawn):
        all.append(drawn)
        var total: Int64 = 0
        for other in lines where other.productID == line.productID { total += other.quantity }
        let kind =
          rule(against: product, drawn, total, customer, now)
          ?? scarcity(drawn, line.quantity, demand, now)
        if let kind {
          failures.append(LineFailure(line: index, obstacle: Obstacle(kind, subject: "")))
        }
      }
    }
    return (all, failures)
  }

  // The strongest rule that forbids the sale, whatever is left.
  private func rule(
    against product: Product, _ drawn: [Drawn], _ total: Int64, _ customer: Customer?,
    _ now: Instant
  ) -> Obstacle.Kind? {
    if drawn.contains(where: { isPast($0, now) }) { return .slotPast }
    if product.paused || drawn.contains(where: { $0.resource.paused }) { return .paused }
    for draw in drawn {
      if let reason = closure(draw) { return .closed(reason) }
    }
    for draw in drawn {
      if let from = draw.resource.saleWindow?.onSaleFrom, now < from { return .notYetOnSale }
    }
    for draw in drawn {
      if let until = draw.resource.saleWindow?.onSaleUntil, now >= until {
        return .saleEnded(at: until)
      }
    }
    if drawn.contains(where: { isTooSoon($0, now) }) { return .leadTime(earliest: now) }
    for draw in drawn {
      if let cutoff = cutoff(draw), now >= cutoff { return .cutoffPassed(at: cutoff) }
    }
    if drawn.contains(where: { isTooFar($0, now) }) { return .beyondHorizon(latest: .last) }
    if total < product.limits.minQuantity { return .belowMinQuantity(product.limits.minQuantity) }
    if product.limits.maxQuantity > 0, total > product.limits.maxQuantity {
      return .aboveMaxQuantity(product.limits.maxQuantity)
    }
    guard let customer else { return nil }
    return buyerLimit(product, drawn[0].zone, total, customer, now)
  }

  // MARK: The calendar

  private func isPast(_ draw: Drawn, _ now: Instant) -> Bool {
    switch draw.resource.inventory {
    case .stock: false
    case .daily: now >= Instant(seconds: draw.place.end)
    case .slots: now >= Instant(seconds: draw.place.start)
    }
  }

  private func closure(_ draw: Drawn) -> Closure.Reason? {
    draw.resource.closures.first { closure in
      guard let dates = closure.dates else { return false }
      return Int64(dates.from.day) <= draw.place.day && draw.place.day <= Int64(dates.to.day)
    }?.reason
  }

  private func isTooSoon(_ draw: Drawn, _ now: Instant) -> Bool {
    guard let lead = draw.resource.saleWindow?.leadTime, lead.microseconds > 0 else { return false }
    return now + lead > Instant(seconds: draw.place.start)
  }

  private func cutoff(_ draw: Drawn) -> Instant? {
    guard let window = draw.resource.saleWindow, let time = window.cutoffTime else { return nil }
    let day = draw.place.day - Int64(window.cutoffDaysBefore)
    return Instant(seconds: draw.zone.second(ofLocal: day * 86_400 + Int64(time.minutes) * 60))
  }

  private func isTooFar(_ draw: Drawn, _ now: Instant) -> Bool {
    guard let days = draw.resource.saleWindow?.horizonDays, days > 0 else { return false }
    return now < Instant(seconds: draw.zone.start(ofDay: draw.place.day - Int64(days)))
  }

  // MARK: Buyers

  private func buyerLimit(
    _ product: Product, _ zone: ZoneTable, _ quantity: Int64, _ customer: Customer, _ now: Instant
  ) -> Obstacle.Kind? {
    let limits = product.limits
    guard limits.maxHeldPerBuyer > 0 || limits.maxPerBuyerPerDay > 0 else { return nil }
    let day = zone.day(at: (customer.reservedAt ?? now).seconds)
    var (held, taken) = (Int64(0), Int64(0))
    for number in byBuyer[customer.id] ?? [] {
      guard let reservation = reservation(number) else { continue }
      for line in reservation.lines where line.productID == product.id {
        held += line.held
        if line.held + line.consumed > 0, zone.day(at: reservation.createdAt.seconds) == day {
          taken += line.held + line.consumed
        }
      }
    }
    if limits.maxHeldPerBuyer > 0, customer.reservedAt == nil,
      held + quantity > limits.maxHeldPerBuyer
    {
      return .buyerLimitReached(limits.maxHeldPerBuyer)
    }
    guard limits.maxPerBuyerPerDay > 0, taken + quantity > limits.maxPerBuyerPerDay else {
      return nil
    }
    return .buyerLimitReached(limits.maxPerBuyerPerDay)
  }

  // MARK: Scarcity

  private func scarcity(
    _ drawn: [Drawn], _ quantity: Int64, _ demand: [PoolKey: Int64], _ now: Instant
  ) -> Obstacle.Kind? {
    var tight: [(draw: Drawn, rest: Int64)] = []
    for draw in drawn {
      guard let limit = limit(draw.place, draw.resource, now) else { continue }
      let state = pools[draw.pool] ?? PoolState()
      if state.held + state.consumed + (demand[draw.pool] ?? 0) > limit {
        tight.append((draw, limit - state.consumed))
      }
    }
    if tight.isEmpty { return nil }
    if tight.contains(where: { $0.rest < $0.draw.units }) { return .soldOut }
    if tight.contains(where: { (demand[$0.draw.pool] ?? 0) > $0.rest }) {
      return .insufficientCapacity(requested: quantity, available: 0)
    }
    return .heldByOthers(nextExpiry: tight.compactMap { nextExpiry(of: $0.draw.pool) }.max())
  }
}
