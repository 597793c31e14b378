internal import ArgumentParser
internal import Capacity

/// A month on the command line: `2026-12`.
struct MonthArgument: ExpressibleByArgument, Equatable {
  let first: CivilDate

  init(first: CivilDate) {
    self.first = first
  }

  init?(argument: String) {
    guard let first = CivilDate("\(argument)-01") else { return nil }
    self.first = first
  }

  /// The month that it is now, in UTC.
  static var present: MonthArgument {
    let today = Zone.utc.date(at: SystemClock.now())
    return MonthArgument(first: today.advanced(by: 1 - today.components.day))
  }

  var last: CivilDate {
    // Four weeks and four days later it is the next month, whatever the month.
    let next = first.advanced(by: 32)
    return next.advanced(by: -next.components.day)
  }

  var defaultValueDescription: String {
    String(first.description.prefix(7))
  }
}
