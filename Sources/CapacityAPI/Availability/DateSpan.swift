internal import Capacity

/// The local dates that a request is about.
struct DateSpan: Equatable, Sendable {
  let from: CivilDate
  let to: CivilDate

  /// - Parameters:
  ///   - from: as in the request; empty: today.
  ///   - to: as in the request; empty: so that there are `defaultDays` dates.
  init(from: String, to: String, today: CivilDate, defaultDays: Int) throws(Refusal) {
    let first = CivilDate(from) ?? today
    let last = CivilDate(to) ?? first.advanced(by: defaultDays - 1)
    guard first <= last else {
      throw .violation("to_date", "Must not be before from_date.")
    }
    guard first.days(to: last) < AvailabilityHandlers.datesMax else {
      throw .violation(
        "to_date", "At most \(AvailabilityHandlers.datesMax) dates at once.")
    }
    self.from = first
    self.to = last
  }

  func contains(_ date: CivilDate) -> Bool { from <= date && date <= to }

  /// The dates, or those from `date` on.
  func dates(from date: CivilDate? = nil) -> some Sequence<CivilDate> {
    (max(from, date ?? from).day...max(from, to).day).lazy.map { CivilDate(day: $0) }
  }
}
