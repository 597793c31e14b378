/// Cuts a stream of bytes into gRPC messages.
struct MessageCutter {
  private static let prefixBytes = 5
  private var rest: [UInt8] = []

  /// Takes bytes and hands over each message that is complete.
  mutating func take(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    guard rest.isEmpty else {
      for index in bytes.indices { rest.append(bytes[index]) }
      let whole = rest
      rest = cut(whole.span, body)
      return
    }
    rest = cut(bytes, body)
  }

  private func cut(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> [UInt8] {
    var start = 0
    while bytes.count - start >= Self.prefixBytes {
      let length = (1...4).reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
      let first = start + Self.prefixBytes
      guard bytes.count - first >= length else { break }
      body(bytes.extracting(first..<first + length))
      start = first + length
    }
    return (start..<bytes.count).map { bytes[$0] }
  }
}
