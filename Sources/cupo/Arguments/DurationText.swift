/// Durations as people write them: `90s`, `15m`, `2h`, `1d`, `1h30m`, `1.5s`.
enum DurationText {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
  /// Longer than anything that Cupo takes, and far from overflow.
  private static let millisecondsMax: Int64 = 366_000 * 86_400_000

  /// Milliseconds; nil for what is no duration, or is longer than a thousand years.
  static func milliseconds(_ text: String) -> Int64? {
    var rest = Substring(text)
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      guard let part = part(&rest), part <= millisecondsMax - total else { return nil }
      total += part
    }
    return total
  }

  private static func part(_ rest: inout Substring) -> Int64? {
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    rest = rest.dropFirst(digits.count)
    let suffix = rest.prefix { $0.isASCII && $0.isLetter }
    rest = rest.dropFirst(suffix.count)
    guard let unit = units.first(where: { $0.suffix == suffix })?.milliseconds else { return nil }
    if let whole = Int64(digits) {
      let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
      return overflow ? nil : product
    }
    guard let value = Double(digits), value * Double(unit) <= Double(millisecondsMax) else {
      return nil
    }
    return Int64((value * Double(unit)).rounded())
  }

  /// As protobuf JSON writes a duration: `900s`, `1.500s`.
  static func seconds(_ seconds: Int64, nanos: Int) -> String {
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(TimestampText.fraction(abs(nanos)))s"
  }

  /// For people, in the two largest units that say anything: `9m 30s`, `2d 4h`.
  static func rough(seconds: Int64) -> String {
    let parts = [
      (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    let telling = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 != 0 }
    return telling.isEmpty ? "0s" : telling.map { "\($0.0)\($0.1)" }.joined(separator: " ")
  }
}
