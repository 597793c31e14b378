/// What the nine bytes in front of a frame say (RFC 9113, section 4.1).
package struct FrameHeader: Sendable, Equatable {
  /// Bytes of payload.
  package var length: Int
  package var type: UInt8
  package var flags: UInt8
  /// 0: the connection.
  package var streamID: Int32

  static let data: UInt8 = 0x0
  static let headers: UInt8 = 0x1
  static let priority: UInt8 = 0x2
  static let reset: UInt8 = 0x3
  static let settings: UInt8 = 0x4
  static let ping: UInt8 = 0x6
  static let continuation: UInt8 = 0x9

  static let acknowledgement: UInt8 = 0x1
  static let endStream: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4

  func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

extension FrameHeader: CustomStringConvertible {
  private static let names = [
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY",
    "WINDOW_UPDATE", "CONTINUATION",
  ]

  /// One line, as in `stream=1 HEADERS length=99 flags=END_STREAM,END_HEADERS`.
  package var description: String {
    let name = Int(type) < Self.names.count ? Self.names[Int(type)] : "type-\(type)"
    let words = flagNames.joined(separator: ",")
    return "stream=\(streamID) \(name) length=\(length) flags=\(words.isEmpty ? "-" : words)"
  }

  private var flagNames: [String] {
    var names: [String] = []
    let isAcknowledgeable = type == 0x4 || type == 0x6
    let known: [(UInt8, String, Bool)] = [
      (0x1, isAcknowledgeable ? "ACK" : "END_STREAM", isAcknowledgeable || type <= 0x1),
      (0x4, "END_HEADERS", type == 0x1 || type == 0x5 || type == 0x9),
      (0x8, "PADDED", type <= 0x1 || type == 0x5), (0x20, "PRIORITY", type == 0x1),
    ]
    var rest = flags
    for (bit, name, isDefined) in known where isDefined && has(bit) {
      names.append(name)
      rest &= ~bit
    }
    if rest != 0 { names.append("0x" + String(rest, radix: 16)) }
    return names
  }
}
