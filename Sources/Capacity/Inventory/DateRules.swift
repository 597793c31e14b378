/// What a resource's calendar says about one local date: looked up once for all slots of the date.
struct DateRules {
  // What is not there costs nothing to carry: most dates have neither override nor season nor closure.
  private let kind: Inventory.Kind
  private let override: DateOverride?
  private let seasonLimit: Limit?
  private let isDateClosed: Bool
  private let closedSlots: [[String]]
  private let onSaleFrom: Instant
  private let onSaleUntil: Instant
  private let leadTime: Interval
  private let cutoffAt: Instant
  private let horizonStart: Instant

  init(_ scheduled: ScheduledResource, on date: CivilDate) {
    let kind = scheduled.resource.inventory.kind
    let season = scheduled.resource.seasons.isEmpty ? nil : scheduled.season(on: date)
    let window = season?.saleWindow ?? scheduled.resource.saleWindow
    self.kind = kind
    override = scheduled.dateOverride(on: date)
    seasonLimit = season?.limit
    (isDateClosed, closedSlots) = scheduled.closures(on: date)
    onSaleFrom = window?.onSaleFrom ?? .distantPast
    onSaleUntil = window?.onSaleUntil ?? .distantFuture
    guard let window, kind != .stock else {
      leadTime = Interval(microseconds: 0)
      (cutoffAt, horizonStart) = (.distantFuture, .distantPast)
      return
    }
    leadTime = window.leadTime
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
      onSaleFrom: onSaleFrom, horizonStart: horizonStart, onSaleUntil: onSaleUntil,
      leadBoundary: leadBoundary(occurrence), cutoffAt: cutoffAt, pastFrom: pastFrom(occurrence))
  }

  // Date override before season before base schedule.
  private func limit(of occurrence: Occurrence, _ id: () -> String) -> Limit {
    guard !occurrence.isWithdrawn else { return .units(0) }
    return overriddenLimit(of: occurrence, id) ?? seasonLimit ?? occurrence.baseLimit
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
    guard leadTime.microseconds > 0 else { return .distantFuture }
    return Instant(seconds: occurrence.startSecond) - leadTime + Interval(microseconds: 1)
  }

  private func pastFrom(_ occurrence: Occurrence) -> Instant {
    switch kind {
    case .stock: .distantFuture
    case .daily: Instant(seconds: occurrence.endSecond)
    case .slots: Instant(seconds: occurrence.startSecond)
    }
  }
}

extension ScheduledResource {
  fileprivate func dateOverride(on date: CivilDate) -> DateOverride? {
    resource.overrides.isEmpty ? nil : resource.overrides.first { $0.dates.contains(date) }
  }

  // Whether a closure covers the whole date, and what others say of single slots.
  fileprivate func closures(on date: CivilDate) -> (isDateClosed: Bool, slots: [[String]]) {
    var (isDateClosed, slots) = (false, [[String]]())
    for closure in resource.closures {
      if !closure.slots.isEmpty {
        slots.append(closure.slots)
      } else if closure.dates?.contains(date) ?? false {
        isDateClosed = true
      }
    }
    return (isDateClosed, slots)
  }

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
