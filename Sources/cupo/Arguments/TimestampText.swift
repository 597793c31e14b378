internal import Capacity

/// Instants as RFC 3339 writes them.
enum TimestampText {
  /// In UTC; a fraction of 3, 6 or 9 digits only where there is one, as protobuf JSON has it.
  static func format(seconds: Int64, nanos: Int = 0) -> String {
    let day = Int32(clamping: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    let rest = seconds - Int64(day) * 86_400
    let time = [rest / 3_600, rest / 60 % 60, rest % 60].map { two($0) }.joined(separator: ":")
    return "\(CivilDate(day: day))T\(time)\(fraction(nanos))Z"
  }

  /// Reads `2026-12-01T08:00:00Z` or with an offset, as in `-05:00`; nil for anything else.
  static func parse(_ text: String) -> (seconds: Int64, nanos: Int32)? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
      let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
      let time = clock(bytes[11..<19])
    else { return nil }
    var rest = bytes[19...]
    let nanos = takeFraction(&rest)
    guard let nanos, let offset = offset(rest) else { return nil }
    return (date.localSeconds + time - offset, nanos)
  }

  /// `.500` for half a second; nothing for none.
  static func fraction(_ nanos: Int) -> String {
    guard nanos != 0 else { return "" }
    var digits = String(1_000_000_000 + nanos).dropFirst()
    while digits.hasSuffix("000") { digits = digits.dropLast(3) }
    return ".\(digits)"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  // `HH:MM:SS`
  private static func clock(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part -> Int64? in
      guard part.count == 2, part.allSatisfy(isDigit) else { return nil }
      return Int64(String(decoding: part, as: UTF8.self))
    }
    guard parts.count == 3, numbers.count == 3, numbers[0] < 24, numbers[1] < 60, numbers[2] < 60
    else { return nil }
    return numbers[0] * 3_600 + numbers[1] * 60 + numbers[2]
  }

  private static func takeFraction(_ rest: inout ArraySlice<UInt8>) -> Int32? {
    guard rest.first == UInt8(ascii: ".") else { return 0 }
    let digits = rest.dropFirst().prefix(while: isDigit)
    rest = rest.dropFirst(1 + digits.count)
    guard (1...9).contains(digits.count) else { return nil }
    let padded =
      String(decoding: digits, as: UTF8.self)
      + String(repeating: "0", count: 9 - digits.count)
    return Int32(padded)
  }

  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let text = String(decoding: bytes, as: UTF8.self)
    if text == "Z" || text == "z" { return 0 }
    guard let sign = text.first, sign == "+" || sign == "-",
      let value = clock(Array((text.dropFirst() + ":00").utf8)[...])
    else { return nil }
    return sign == "-" ? -value : value
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
