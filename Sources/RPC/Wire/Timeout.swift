/// `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Timeout").
enum Timeout {
  private static let units: [(letter: Character, nanoseconds: Int128)] = [
    ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000),
    ("M", 60_000_000_000), ("H", 3_600_000_000_000),
  ]
  private static let valueMax: Int128 = 99_999_999

  /// The duration; nil for text that is no timeout.
  static func parse(_ text: Span<UInt8>) -> Duration? {
    guard (2...9).contains(text.count),
      let number = text.extracting(first: text.count - 1).decimal
    else { return nil }
    switch text[text.count - 1] {
    case UInt8(ascii: "n"): return .nanoseconds(number)
    case UInt8(ascii: "u"): return .microseconds(number)
    case UInt8(ascii: "m"): return .milliseconds(number)
    case UInt8(ascii: "S"): return .seconds(number)
    case UInt8(ascii: "M"): return .seconds(number * 60)
    case UInt8(ascii: "H"): return .seconds(number * 3_600)
    default: return nil
    }
  }

  /// The finest unit that fits, rounded up, so that the server never gives up before the client. Negative is zero.
  static func format(_ duration: Duration) -> String {
    let nanoseconds = max(0, Int128(duration.attoseconds / 1_000_000_000))
    for unit in units {
      let value = (nanoseconds + unit.nanoseconds - 1) / unit.nanoseconds
      if value <= valueMax { return "\(value)\(unit.letter)" }
    }
    return "\(valueMax)H"
  }
}
