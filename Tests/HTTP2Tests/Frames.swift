import HTTP2

/// Frames written and read by hand, to do what no proper client does.
enum Frames {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [])
    -> [UInt8]
  {
    let length = payload.count
    return [
      UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags,
      UInt8(stream >> 24 & 255), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255),
      UInt8(stream & 255),
    ] + payload
  }

  static let settings = frame(4)
  static let settingsAcknowledgement = frame(4, flags: 1)

  /// Fields as literals that are not indexed (RFC 7541, section 6.2.2), all shorter than 127 bytes.
  static func fields(_ list: [(String, String)]) -> [UInt8] {
    list.flatMap { name, value in
      [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
    }
  }

  static let request = fields([
    (":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "test"),
  ])

  static func headers(stream: UInt32, endStream: Bool = true) -> [UInt8] {
    frame(1, flags: endStream ? 5 : 4, stream: stream, request)
  }

  static func reset(stream: UInt32) -> [UInt8] {
    frame(3, stream: stream, [0, 0, 0, 8])
  }

  /// The code of the GOAWAY among `bytes`.
  static func goAway(in bytes: [UInt8]) -> ErrorCode? {
    var position = 0
    while position + 9 <= bytes.count {
      let length =
        Int(bytes[position]) << 16 | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2])
      let payload = bytes[(position + 9)..<min(position + 9 + length, bytes.count)]
      if bytes[position + 3] == 7 {
        return ErrorCode(
          rawValue: payload.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
      }
      position += 9 + length
    }
    return nil
  }
}
