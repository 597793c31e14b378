@testable import RPC

// Spans cannot go through the macros of the tests, so here are the same functions for arrays and text.

extension Timeout {
  static func parse(_ text: String) -> Duration? {
    let bytes = Array(text.utf8)
    return parse(bytes.span)
  }
}

extension Base64 {
  static func decode(_ text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    return decode(bytes.span)
  }
}

extension MessageReader {
  static func isWhole(_ body: [UInt8], bytesMax: Int) throws(Fault) -> Bool {
    try isWhole(body.span, bytesMax: bytesMax)
  }
}

extension ServerStream {
  mutating func received(_ bytes: [UInt8], endStream: Bool) -> Action {
    received(bytes.span, endStream: endStream)
  }

  mutating func receivedWhole(_ bytes: [UInt8]) -> Bool {
    receivedWhole(bytes.span)
  }
}

extension ClientStream {
  mutating func received(
    _ bytes: [UInt8], endStream: Bool, messages: inout [[UInt8]]
  ) -> Ending? {
    var found: [WireMessage] = []
    defer { messages += found.map(\.bytes) }
    return received(bytes.span, endStream: endStream, messages: &found)
  }
}
