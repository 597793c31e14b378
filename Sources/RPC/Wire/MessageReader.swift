/// Takes length-prefixed messages out of a body that comes in pieces (gRPC over HTTP/2, "Length-Prefixed-Message").
struct MessageReader {
  /// What can be wrong with a body.
  enum Fault: Error, Equatable {
    case tooLarge(limit: Int)
    case compressed
    case malformed
  }

  static let prefixBytes = 5

  private let bytesMax: Int
  /// The peer has said that it compresses by gzip, so that messages may be.
  var takesCompressed = false
  private var buffer: [UInt8] = []
  private var position = 0

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Whether the body so far ends where a message ends.
  var isAtBoundary: Bool { position == buffer.count }

  mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
  }

  /// The next complete message, without its prefix. The length is judged before the message has come.
  mutating func next() throws(Fault) -> WireMessage? {
    let start = position + Self.prefixBytes
    guard
      let length = try Self.length(
        buffer.span.extracting(droppingFirst: position), bytesMax: bytesMax, takesCompressed),
      buffer.count >= start + length
    else { return nil }
    let message = WireMessage(
      bytes: Array(buffer[start..<start + length]), isCompressed: buffer[position] == 1)
    position = start + length
    dropUsed()
    return message
  }

  /// Whether `body` is exactly one message, so that it can be read where it lies.
  static func isWhole(_ body: Span<UInt8>, bytesMax: Int) throws(Fault) -> Bool {
    guard let length = try length(body, bytesMax: bytesMax, false) else { return false }
    return body.count == prefixBytes + length
  }

  private static func length(
    _ bytes: Span<UInt8>, bytesMax: Int, _ takesCompressed: Bool
  ) throws(Fault) -> Int? {
    guard bytes.count >= prefixBytes else { return nil }
    guard bytes[0] <= 1 else { throw .malformed }
    guard bytes[0] == 0 || takesCompressed else { throw .compressed }
    let length =
      Int(bytes[1]) << 24 | Int(bytes[2]) << 16 | Int(bytes[3]) << 8 | Int(bytes[4])
    guard length <= bytesMax else { throw .tooLarge(limit: bytesMax) }
    return length
  }

  // Moving the rest to the front each time would cost quadratic time for many small messages.
  private mutating func dropUsed() {
    if position == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.count <= 64 * 1_024)
      position = 0
    } else if position > 64 * 1_024, position * 2 > buffer.count {
      buffer.removeFirst(position)
      position = 0
    }
  }
}
