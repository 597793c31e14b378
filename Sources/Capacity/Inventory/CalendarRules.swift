/// Local dates from one to another, both included.
package struct DateRange: Hashable, Sendable, Codable {
  package var from: CivilDate
  package var to: CivilDate

  package init(from: CivilDate, to: CivilDate) {
    self.from = from
    self.to = to
  }

  package func contains(_ date: CivilDate) -> Bool {
    from <= date && date <= to
  }

  package func overlaps(_ other: DateRange) -> Bool {
    from <= other.to && other.from <= to
  }
}

/// Dates with a limit or windows of their own; stronger than a season.
package struct DateOverride: Equatable, Sendable, Codable {
  package var dates: DateRange
  /// Canonical slot ids that the limit is for; empty: every slot of the range.
  package var slots: [String]
  package var limit: Limit?
  /// Replace the windows of the dates; empty: they stay.
  package var windows: [Window]

  package init(dates: DateRange, slots: [String] = [], limit: Limit? = nil, windows: [Window] = [])
  {
    self.dates = dates
    self.slots = slots
    self.limit = limit
    self.windows = windows
  }
}

/// A high-demand period.
package struct Season: Equatable, Sendable, Codable {
  package var id: String
  package var dates: DateRange
  /// Of each day or slot; nil: the base schedule's.
  package var limit: Limit?
  /// Nil: the resource's.
  package var saleWindow: SaleWindow?
  /// Nil: the product's.
  package var defaultTTL: Interval?

  package init(
    id: String, dates: DateRange, limit: Limit? = nil, saleWindow: SaleWindow? = nil,
    defaultTTL: Interval? = nil
  ) {
    self.id = id
    self.dates = dates
    self.limit = limit
    self.saleWindow = saleWindow
    self.defaultTTL = defaultTTL
  }
}

/// Dates, or single slots of them, on which nothing is sold.
package struct Closure: Equatable, Sendable, Codable {
  package enum Reason: String, CaseIterable, Sendable, Codable {
    case vacation = "VACATION"
    case blackout = "BLACKOUT"
    case maintenance = "MAINTENANCE"
  }

  package var id: String
  /// Whole dates, where no slots are named.
  package var dates: DateRange?
  /// Canonical slot ids; where there are any, only these are closed.
  package var slots: [String]
  package var reason: Reason

  package init(id: String, dates: DateRange?, slots: [String] = [], reason: Reason) {
    self.id = id
    self.dates = dates
    self.slots = slots
    self.reason = reason
  }
}

/// When something can be bought, relative to its start and on the calendar.
package struct SaleWindow: Equatable, Sendable, Codable {
  /// The least time between now and the start.
  package var leadTime: Interval
  /// Local time, `cutoffDaysBefore` days ahead, at which a date is shut; nil: no cutoff.
  package var cutoffTime: ClockTime?
  package var cutoffDaysBefore: Int
  /// How many days ahead can be sold; 0: no end.
  package var horizonDays: Int
  package var onSaleFrom: Instant?
  package var onSaleUntil: Instant?

  package init(
    leadTime: Interval = Interval(microseconds: 0), cutoffTime: ClockTime? = nil,
    cutoffDaysBefore: Int = 0, horizonDays: Int = 0, onSaleFrom: Instant? = nil,
    onSaleUntil: Instant? = nil
  ) {
    self.leadTime = leadTime
    self.cutoffTime = cutoffTime
    self.cutoffDaysBefore = cutoffDaysBefore
    self.horizonDays = horizonDays
    self.onSaleFrom = onSaleFrom
    self.onSaleUntil = onSaleUntil
  }
}

/// Units above the limit of every pool of a resource, granted by a person for a reason.
package struct OverbookingBudget: Equatable, Sendable, Codable {
  package var units: Int64
  package var reason: String
  /// Who put it there; stamped by the server.
  package var approvedBy: String
  /// Nil: no end.
  package var until: Instant?

  package init(units: Int64, reason: String, approvedBy: String = "", until: Instant? = nil) {
    self.units = units
    self.reason = reason
    self.approvedBy = approvedBy
    self.until = until
  }

  /// The units that count at `instant`.
  package func units(at instant: Instant) -> Int64 {
    guard let until, instant >= until else { return units }
    return 0
  }
}
