/// A date of the proleptic Gregorian calendar, without a zone: days since 1970-01-01.
///
/// Cupo sells between the years 1970 and 2199; other dates are not dates to it.
package struct CivilDate: Hashable, Comparable, Sendable, Codable {
  package let day: Int32

  package static let first = CivilDate(day: 0)
  package static let last = CivilDate(day: 84_005)

  package init(day: Int32) {
    self.day = day
  }

  /// The date, or nil where the calendar has no such day or it lies outside 1970 to 2199.
  package init?(year: Int, month: Int, day: Int) {
    guard (1970...2199).contains(year), (1...12).contains(month) else { return nil }
    guard day >= 1, day <= CivilDate.length(ofMonth: month, year: year) else { return nil }
    self.day = CivilDate.dayNumber(year: year, month: month, day: day)
  }

  /// Reads `YYYY-MM-DD`; any other spelling is nil.
  package init?(_ text: some StringProtocol) {
    var digits = AsciiCursor(text)
    guard
      let year = digits.number(4), digits.skip(UInt8(ascii: "-")),
      let month = digits.number(2), digits.skip(UInt8(ascii: "-")),
      let day = digits.number(2), digits.isAtEnd
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  package static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.day < right.day
  }

  package func advanced(by days: Int) -> CivilDate {
    let sum = Int(day) + days
    return CivilDate(day: Int32(clamping: sum))
  }

  /// Days from this date to `other`; negative where `other` is earlier.
  package func days(to other: CivilDate) -> Int {
    Int(other.day) - Int(day)
  }

  package var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let index = (Int(day) % 7 + 7 + 3) % 7
    return Weekday.allCases[index]
  }

  /// Local midnight as seconds since 1970-01-01T00:00 of the same wall clock.
  package var localSeconds: Int64 {
    Int64(day) * 86_400
  }

  /// Year, month and day.
  package var components: (year: Int, month: Int, day: Int) {
    CivilDate.components(ofDay: Int(day))
  }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // Days are counted in eras of 400 years that begin on 1 March, so that a leap day ends its year.
  static func dayNumber(year: Int, month: Int, day: Int) -> Int32 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int32(era * 146_097 + dayOfEra - 719_468)
  }

  private static func components(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

extension CivilDate: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  package var description: String {
    var text = AsciiText()
    text.append(self)
    return text.string
  }
}
