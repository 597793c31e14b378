package import Capacity

/// A time zone as the truth sees it: found by walking through its periods, with none of the product's arithmetic.
package struct ZoneTable: Sendable {
  package struct Period: Sendable {
    var from: Int64
    var until: Int64
    var offset: Int64
  }

  package let name: String
  private let periods: [Period]

  /// - Parameter changes: ascending, with the offset from then on.
  package init(name: String, offset: Int64, changes: [(at: Int64, offset: Int64)]) {
    self.name = name
    var periods = [Period(from: .min / 4, until: .max / 4, offset: offset)]
    for change in changes {
      periods[periods.count - 1].until = change.at
      periods.append(Period(from: change.at, until: .max / 4, offset: change.offset))
    }
    self.periods = periods
  }

  /// The same zone as the product has it.
  package var zone: Zone {
    Zone(
      name: name, initialOffset: Int32(periods[0].offset),
      transitions: periods.dropFirst().map {
        Zone.Transition(at: $0.from, offset: Int32($0.offset))
      })
  }

  func offset(at second: Int64) -> Int64 {
    var offset = periods[0].offset
    for period in periods where period.from <= second { offset = period.offset }
    return offset
  }

  /// The first instant at which the wall clock shows `local` or more.
  func second(ofLocal local: Int64) -> Int64 {
    for period in periods {
      let candidate = max(period.from, local - period.offset)
      if candidate < period.until { return candidate }
    }
    return local
  }

  func start(ofDay day: Int64) -> Int64 { second(ofLocal: day * 86_400) }

  func day(at second: Int64) -> Int64 {
    let local = second + offset(at: second)
    // Simulated time lies behind 1970.
    return local / 86_400
  }
}
