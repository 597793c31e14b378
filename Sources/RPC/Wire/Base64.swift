/// Base64 as gRPC's binary metadata use it: sent without padding, taken with or without (RFC 4648, section 4).
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count * 4 + 2) / 3)
    var (pending, bits) = (0, 0)
    for byte in bytes {
      pending = pending << 8 | Int(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        output.append(alphabet[pending >> bits & 63])
      }
      pending &= 255
    }
    if bits > 0 { output.append(alphabet[pending << (6 - bits) & 63]) }
    return String(decoding: output, as: UTF8.self)
  }

  /// The bytes; nil for text that is not base64.
  static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    var count = text.count
    while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
    guard count % 4 != 1 else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(count * 3 / 4)
    var (pending, bits) = (0, 0)
    for index in 0..<count {
      guard let value = value(of: text[index]) else { return nil }
      pending = (pending << 6 | value) & 0xfff
      bits += 6
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(truncatingIfNeeded: pending >> bits))
      }
    }
    return output
  }

  private static func value(of character: UInt8) -> Int? {
    switch character {
    case 0x41...0x5a: Int(character) - 0x41
    case 0x61...0x7a: Int(character) - 0x61 + 26
    case 0x30...0x39: Int(character) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
