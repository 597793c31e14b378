/// The sale rules of one resource for one day or slot, each standing alone.
extension ScheduledResource {
  /// Appends every rule that blocks `occurrence` at `now`.
  func appendObstacles(for occurrence: Occurrence, at now: Instant, to list: inout [Obstacle]) {
    if let past = pastObstacle(occurrence, now) { list.append(past) }
    if resource.paused { list.append(Obstacle(.paused, subject: resource.id)) }
    if let closure = closure(of: occurrence) {
      list.append(Obstacle(.closed(closure.reason), subject: resource.id))
    }
    guard let window = saleWindow(on: occurrence.date) else { return }
    appendSaleObstacles(window, now, to: &list)
    guard resource.inventory.kind != .stock else { return }
    appendLeadObstacles(window, occurrence, now, to: &list)
  }

  /// The first instant behind `now` at which the answer for `occurrence` can change by time alone.
  func nextBoundary(for occurrence: Occurrence, after now: Instant) -> Instant? {
    var next = boundaries(of: occurrence).filter { $0 > now }.min()
    if resource.inventory.kind == .stock, dateDependent {
      let midnight = nextMidnight(after: now)
      next = min(next ?? midnight, midnight)
    }
    return next
  }

  /// How often the answer for `occurrence` can have changed by time alone, up to `now`.
  func boundariesPassed(for occurrence: Occurrence, at now: Instant) -> UInt64 {
    let passed = UInt64(boundaries(of: occurrence).count { $0 <= now })
    guard resource.inventory.kind == .stock, dateDependent else { return passed }
    return passed + UInt64(max(0, zone.date(at: now).day))
  }

  // The midnights of a stock apart.
  private func boundaries(of occurrence: Occurrence) -> [Instant] {
    var list = [resource.overbooking?.until]
    if let window = saleWindow(on: occurrence.date) {
      list += [window.onSaleFrom, window.onSaleUntil]
      if resource.inventory.kind != .stock {
        list.append(leadBoundary(window, occurrence))
        list.append(cutoff(window, occurrence))
        list.append(horizonStart(window, occurrence))
      }
    }
    switch resource.inventory.kind {
    case .stock: break
    case .daily: list.append(Instant(seconds: occurrence.endSecond))
    case .slots: list.append(Instant(seconds: occurrence.startSecond))
    }
    return list.compactMap { $0 }
  }

  /// When sales of `occurrence` are shut; nil without a cutoff.
  package func cutoff(of occurrence: Occurrence) -> Instant? {
    guard resource.inventory.kind != .stock, let window = saleWindow(on: occurrence.date) else {
      return nil
    }
    return cutoff(window, occurrence)
  }

  private func pastObstacle(_ occurrence: Occurrence, _ now: Instant) -> Obstacle? {
    let gone =
      switch resource.inventory.kind {
      case .stock: false
      case .daily: now >= Instant(seconds: occurrence.endSecond)
      case .slots: now >= Instant(seconds: occurrence.startSecond)
      }
    return gone ? Obstacle(.slotPast, subject: resource.id) : nil
  }

  private func appendSaleObstacles(
    _ window: SaleWindow, _ now: Instant, to list: inout [Obstacle]
  ) {
    if let from = window.onSaleFrom, now < from {
      list.append(Obstacle(.notYetOnSale, subject: resource.id, until: from))
    }
    if let until = window.onSaleUntil, now >= until {
      list.append(Obstacle(.saleEnded(at: until), subject: resource.id))
    }
  }

  private func appendLeadObstacles(
    _ window: SaleWindow, _ occurrence: Occurrence, _ now: Instant, to list: inout [Obstacle]
  ) {
    if let boundary = leadBoundary(window, occurrence), now >= boundary {
      list.append(Obstacle(.leadTime(earliest: now + window.leadTime), subject: resource.id))
    }
    if let cutoff = cutoff(window, occurrence), now >= cutoff {
      list.append(Obstacle(.cutoffPassed(at: cutoff), subject: resource.id))
    }
    if let start = horizonStart(window, occurrence), now < start {
      let latest = zone.date(at: now).advanced(by: window.horizonDays)
      list.append(Obstacle(.beyondHorizon(latest: latest), subject: resource.id, until: start))
    }
  }

  // From this instant on less than the lead time is left. The lead time itself is still enough.
  private func leadBoundary(_ window: SaleWindow, _ occurrence: Occurrence) -> Instant? {
    guard window.leadTime.microseconds > 0 else { return nil }
    return Instant(seconds: occurrence.startSecond) - window.leadTime
      + Interval(microseconds: 1)
  }

  private func cutoff(_ window: SaleWindow, _ occurrence: Occurrence) -> Instant? {
    guard let time = window.cutoffTime else { return nil }
    let date = occurrence.date.advanced(by: -window.cutoffDaysBefore)
    return Instant(seconds: zone.second(of: date, time))
  }

  private func horizonStart(_ window: SaleWindow, _ occurrence: Occurrence) -> Instant? {
    guard window.horizonDays > 0 else { return nil }
    return Instant(seconds: zone.start(of: occurrence.date.advanced(by: -window.horizonDays)))
  }

  private var dateDependent: Bool {
    !resource.seasons.isEmpty || !resource.closures.isEmpty
  }

  private func nextMidnight(after now: Instant) -> Instant {
    Instant(seconds: zone.start(of: zone.date(at: now).advanced(by: 1)))
  }
}
