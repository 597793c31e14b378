/// A time of day on the wall clock, to the minute: 00:00 to 24:00, which is the next day's 00:00.
package struct ClockTime: Hashable, Comparable, Sendable, Codable {
  /// Minutes since midnight, 0 to 1440.
  package let minutes: Int

  /// The time, or nil outside 0 to 1440.
  package init?(minutes: Int) {
    guard (0...1440).contains(minutes) else { return nil }
    self.minutes = minutes
  }

  /// Reads `HH:MM`; any other spelling is nil.
  package init?(_ text: some StringProtocol) {
    var cursor = AsciiCursor(text)
    guard
      let hour = cursor.number(2), cursor.skip(UInt8(ascii: ":")),
      let minute = cursor.number(2), cursor.isAtEnd, minute < 60
    else { return nil }
    self.init(minutes: hour * 60 + minute)
  }

  package static func < (left: ClockTime, right: ClockTime) -> Bool {
    left.minutes < right.minutes
  }
}

extension ClockTime: CustomStringConvertible {
  /// `HH:MM`.
  package var description: String {
    var text = AsciiText()
    text.append(minutes / 60, width: 2)
    text.append(":")
    text.append(minutes % 60, width: 2)
    return text.string
  }
}
