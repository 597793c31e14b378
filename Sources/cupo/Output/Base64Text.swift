/// Bytes as text, with padding (RFC 4648, section 4).
enum Base64Text {
  fileprivate static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  static func encode(_ bytes: ArraySlice<UInt8>) -> String {
    var (text, rest) = ("", bytes)
    while !rest.isEmpty {
      let group = rest.prefix(3)
      rest = rest.dropFirst(3)
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
      }
    }
    return text
  }
}

extension Base64Text {
  /// Reads what `encode` wrote, with or without the padding; nil for anything else.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.prefix { $0 != "=" }
    let padding = text.dropFirst(digits.count)
    guard padding.count <= 2, padding.allSatisfy({ $0 == "=" }), digits.count % 4 != 1 else {
      return nil
    }
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for digit in digits {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      (bits, count) = ((bits << 6 | value) & 0xFFFF, count + 6)
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> count))
    }
    return bytes
  }
}
