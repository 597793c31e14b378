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

  /// Could be the name of a time zone; whether there is one by that name, the server knows.
  package static func isTimeZoneName(_ text: String) -> Bool { isID(text) }

  private static func number(
    _ bytes: inout String.UTF8View.Iterator, digits: Int
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
