/// The spellings that a field rule can ask of a string, as far as they can be checked without a
/// server.
package enum Format {
  /// Printable ASCII without spaces.
  package static func isID(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }

  /// `YYYY-MM-DD`, a real date of the proleptic Gregorian calendar, years 0001 to 9999.
  package static func isDate(_ text: String) -> Bool {
    var bytes = text.utf8.makeIterator()
    guard let year = number(&bytes, digits: 4), bytes.next() == UInt8(ascii: "-"),
      let month = number(&bytes, digits: 2), bytes.next() == UInt8(ascii: "-"),
      let day = number(&bytes, digits: 2), bytes.next() == nil
    else { return false }
    return year >= 1 && (1...12).contains(month) && day >= 1 && day <= days(month, of: year)
  }

  /// `HH:MM`, from 00:00 to 24:00.
  package static func isClockTime(_ text: String) -> Bool {
    var bytes = text.utf8.makeIterator()
    guard let hour = number(&bytes, digits: 2), bytes.next() == UInt8(ascii: ":"),
      let minute = number(&bytes, digits: 2), bytes.next() == nil
    else { return false }
    return hour < 24 ? minute < 60 : hour == 24 && minute == 0
  }

  /// A slot id in canonical spelling: a date, or a local start with its offset from UTC, `2026-12-24T10:30:00-05:00`.
  ///
  /// Whether the offset is the zone's at that time, and whether there is such a slot, the server knows.
  package static func isSlot(_ text: String) -> Bool {
    let bytes = text.utf8
    if bytes.count == 10 { return isDate(text) }
    guard bytes.count == 25, isDate(String(text.prefix(10))) else { return false }
    var rest = bytes.dropFirst(10).makeIterator()
    guard rest.next() == UInt8(ascii: "T"), let hour = number(&rest, digits: 2), hour < 24,
      rest.next() == UInt8(ascii: ":"), let minute = number(&rest, digits: 2), minute < 60,
      rest.next() == UInt8(ascii: ":"), let second = number(&rest, digits: 2), second < 60,
      let sign = rest.next(), let offsetHours = number(&rest, digits: 2), offsetHours < 24,
      rest.next() == UInt8(ascii: ":"), let offsetMinutes = number(&rest, digits: 2)
    else { return false }
    let isZero = offsetHours == 0 && offsetMinutes == 0
    return offsetMinutes < 60
      && (sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") && !isZero)
  }

  /// Could be the name of a time zone; whether there is one by that name, the server knows.
  package static func isTimeZoneName(_ text: String) -> Bool { isID(text) }

  private static func number(
    _ bytes: inout some IteratorProtocol<UInt8>, digits: Int
  ) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = bytes.next(), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9")
      else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func days(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
