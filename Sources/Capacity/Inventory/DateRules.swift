/// What a resource's calendar says about one local date: looked up once for all slots of the date.
struct DateRules {
  private let resource: Resource
  private let date: CivilDate
  private let override: DateOverride?
  private let season: Season?
  private let window: SaleWindow?
  private let isDateClosed: Bool
  private let closedSlots: [[String]]
  private let cutoffAt: Instant
  private let horizonStart: Instant

  init(_ scheduled: ScheduledResource, on date: CivilDate) {
    resource = scheduled.resource
    self.date = date
    override = resource.overrides.first { $0.dates.contains(date) }
    season = scheduled.season(on: date)
    window = season?.saleWindow ?? resource.saleWindow
    isDateClosed = resource.closures.contains {
      $0.slots.isEmpty && $0.dates?.contains(date) ?? false
    }
    closedSlots = resource.closures.lazy.map(\.slots).filter { !$0.isEmpty }
    guard let window, resource.inventory.kind != .stock else {
      (cutoffAt, horizonStart) = (.distantFuture, .distantPast)
      return
    }
    cutoffAt =
      window.cutoffTime.map { time in
        let day = date.advanced(by: -window.cutoffDaysBefore)
        return Instant(seconds: scheduled.zone.second(of: day, time))
      } ?? .distantFuture
    horizonStart =
      window.horizonDays > 0
      ? Instant(seconds: scheduled.zone.start(of: date.advanced(by: -window.horizonDays)))
      : .distantPast
  }

  /// - Parameter id: spells the slot's id; called only where a rule names single slots.
  func slot(_ occurrence: Occurrence, id: () -> String) -> ScheduledSlot {
    ScheduledSlot(
      occurrence: occurrence, limit: limit(of: occurrence, id), isClosed: isClosed(id),
      onSaleFrom: window?.onSaleFrom ?? .distantPast, horizonStart: horizonStart,
      onSaleUntil: window?.onSaleUntil ?? .distantFuture, leadBoundary: leadBoundary(occurrence),
      cutoffAt: cutoffAt, pastFrom: pastFrom(occurrence))
  }

  // Date override before season before base schedule.
  private func limit(of occurrence: Occurrence, _ id: () -> String) -> Limit {
    guard !occurrence.isWithdrawn else { return .units(0) }
    return overriddenLimit(of: occurrence, id) ?? season?.limit ?? occurrence.baseLimit
  }

  private func overriddenLimit(of occurrence: Occurrence, _ id: () -> String) -> Limit? {
    guard let override else { return nil }
    // Windows of an override bring limits of their own, which are stronger than a season's too.
    let windowLimit = override.windows.isEmpty ? nil : occurrence.baseLimit
    let isConcerned = override.slots.isEmpty || override.slots.contains(id())
    return isConcerned ? override.limit ?? windowLimit : windowLimit
  }

  private func isClosed(_ id: () -> String) -> Bool {
    if isDateClosed { return true }
    guard !closedSlots.isEmpty else { return false }
    let id = id()
    return closedSlots.contains { $0.contains(id) }
  }

  // From this instant on less than the lead time is left. The lead time itself is still enough.
  private func leadBoundary(_ occurrence: Occurrence) -> Instant {
    guard let window, window.leadTime.microseconds > 0, resource.inventory.kind != .stock else {
      return .distantFuture
    }
    return Instant(seconds: occurrence.startSecond) - window.leadTime + Interval(microseconds: 1)
  }

  private func pastFrom(_ occurrence: Occurrence) -> Instant {
    switch resource.inventory.kind {
    case .stock: .distantFuture
    case .daily: Instant(seconds: occurrence.endSecond)
    case .slots: Instant(seconds: occurrence.startSecond)
    }
  }
}

extension ScheduledResource {
  /// `occurrence` with what the calendar says about it.
  package func scheduled(_ occurrence: Occurrence) -> ScheduledSlot {
    DateRules(self, on: occurrence.date).slot(occurrence) { slotID(of: occurrence) }
  }

  /// The days or slots of the local `date` in ascending order, worked out; a stock has none.
  package func slots(on date: CivilDate) -> [ScheduledSlot] {
    let occurrences = occurrences(on: date)
    guard !occurrences.isEmpty else { return [] }
    let rules = DateRules(self, on: date)
    return occurrences.map { occurrence in
      rules.slot(occurrence) { slotID(of: occurrence) }
    }
  }
}
