/// The kind of a resource and its base schedule.
package enum Inventory: Equatable, Sendable, Codable {
  /// A number of physical units without time; consumed units stay counted. Nil in a Put: as it is.
  case stock(total: Limit?)
  /// A quota for each local day.
  case daily(DailyCapacity)
  /// Start times inside weekly windows.
  case slots([Window])

  /// How fine the kind divides time: a product's first draw must be its finest.
  package var kind: Kind {
    switch self {
    case .stock: .stock
    case .daily: .daily
    case .slots: .slots
    }
  }

  package enum Kind: Int, Comparable, Sendable {
    case stock, daily, slots

    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }
}

/// A quota for each local day: one default, and values of their own for some weekdays.
package struct DailyCapacity: Equatable, Sendable, Codable {
  package var defaultLimit: Limit
  package var weekdays: [Weekday: Limit]

  package init(defaultLimit: Limit, weekdays: [Weekday: Limit] = [:]) {
    self.defaultLimit = defaultLimit
    self.weekdays = weekdays
  }

  package func limit(on weekday: Weekday) -> Limit {
    weekdays[weekday] ?? defaultLimit
  }
}

/// Slots that begin every `stepMinutes` between two times of some days of the week.
package struct Window: Equatable, Sendable, Codable {
  package var days: Set<Weekday>
  package var start: ClockTime
  /// A slot ends at this time or before.
  package var end: ClockTime
  package var slotMinutes: Int
  package var stepMinutes: Int
  /// What each slot carries.
  package var limit: Limit

  package init(
    days: Set<Weekday>, start: ClockTime, end: ClockTime, slotMinutes: Int, stepMinutes: Int,
    limit: Limit
  ) {
    self.days = days
    self.start = start
    self.end = end
    self.slotMinutes = slotMinutes
    self.stepMinutes = stepMinutes
    self.limit = limit
  }
}
