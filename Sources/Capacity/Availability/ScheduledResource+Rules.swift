/// The sale rules of one resource for one day or slot, each standing alone.
extension ScheduledResource {
  /// Appends every rule that blocks `slot` at `now`.
  func appendObstacles(for slot: ScheduledSlot, at now: Instant, to list: inout [Obstacle]) {
    if slot.occurrence.isWithdrawn { list.append(Obstacle(.noSlotAtTime, subject: resource.id)) }
    if now >= slot.pastFrom { list.append(Obstacle(.slotPast, subject: resource.id)) }
    if resource.paused { list.append(Obstacle(.paused, subject: resource.id)) }
    guard !slot.isOpen(at: now) else { return }
    if slot.isClosed { appendClosures(slot.occurrence, to: &list) }
    appendSaleObstacles(slot, now, to: &list)
    appendLeadObstacles(slot, now, to: &list)
  }

  /// The first instant behind `now` at which the answer for `slot` can change by time alone.
  func nextBoundary(for slot: ScheduledSlot, after now: Instant) -> Instant? {
    let next = min(slot.nextBoundary(after: now), nextCommonBoundary(after: now))
    return next == .distantFuture ? nil : next
  }

  /// The first of the boundaries behind `now` that all slots of the resource have in common; `distantFuture`: none.
  func nextCommonBoundary(after now: Instant) -> Instant {
    var next = Instant.distantFuture
    if let until = resource.overbooking?.until, until > now { next = min(next, until) }
    if isDateDependentStock { next = min(next, nextMidnight(after: now)) }
    return next
  }

  /// How often the answer for `slot` can have changed by time alone, up to `now`.
  func boundariesPassed(for slot: ScheduledSlot, at now: Instant) -> UInt64 {
    slot.boundariesPassed(at: now) + commonBoundariesPassed(at: now)
  }

  /// Those of the boundaries that all slots of the resource have in common.
  func commonBoundariesPassed(at now: Instant) -> UInt64 {
    var passed: UInt64 = 0
    if let until = resource.overbooking?.until, until <= now { passed += 1 }
    if isDateDependentStock { passed += UInt64(max(0, zone.date(at: now).day)) }
    return passed
  }

  private func appendClosures(_ occurrence: Occurrence, to list: inout [Obstacle]) {
    for closure in closures(of: occurrence) {
      // A date stays the date that it is; what a stock is judged by is the date of the decision.
      let end = resource.inventory.kind == .stock ? closure.dates?.to : nil
      list.append(
        Obstacle(.closed(closure.reason), subject: closure.id, until: end.map(startOfDay(after:))))
    }
  }

  private func appendSaleObstacles(
    _ slot: ScheduledSlot, _ now: Instant, to list: inout [Obstacle]
  ) {
    if now < slot.onSaleFrom {
      let lifts = min(slot.onSaleFrom, otherWindow(slot) ?? .distantFuture)
      list.append(Obstacle(.notYetOnSale, subject: resource.id, until: lifts))
    }
    if now >= slot.onSaleUntil {
      list.append(
        Obstacle(.saleEnded(at: slot.onSaleUntil), subject: resource.id, until: otherWindow(slot)))
    }
  }

  private func appendLeadObstacles(
    _ slot: ScheduledSlot, _ now: Instant, to list: inout [Obstacle]
  ) {
    let window = saleWindow(on: slot.occurrence.date)
    if now >= slot.leadBoundary, let window {
      list.append(Obstacle(.leadTime(earliest: now + window.leadTime), subject: resource.id))
    }
    if now >= slot.cutoffAt {
      list.append(Obstacle(.cutoffPassed(at: slot.cutoffAt), subject: resource.id))
    }
    if now < slot.horizonStart, let window {
      let latest = zone.date(at: now).advanced(by: window.horizonDays)
      list.append(
        Obstacle(.beyondHorizon(latest: latest), subject: resource.id, until: slot.horizonStart))
    }
  }

  // When a stock comes under another sale window, because a season with one of its own begins or ends; nil: it does not.
  private func otherWindow(_ slot: ScheduledSlot) -> Instant? {
    guard resource.inventory.kind == .stock else { return nil }
    let date = slot.occurrence.date
    let changes = resource.seasons.lazy.filter { $0.saleWindow != nil }
      .flatMap { [$0.dates.from.advanced(by: -1), $0.dates.to] }
    // The last day before each change.
    return changes.filter { $0 >= date }.min().map(startOfDay(after:))
  }

  private var isDateDependentStock: Bool {
    resource.inventory.kind == .stock
      && !(resource.seasons.isEmpty && resource.closures.isEmpty)
  }

  private func nextMidnight(after now: Instant) -> Instant {
    startOfDay(after: zone.date(at: now))
  }

  private func startOfDay(after date: CivilDate) -> Instant {
    Instant(seconds: zone.start(of: date.advanced(by: 1)))
  }
}
