/// Remembers how the newest streams of a client came to their end, so that a frame which comes after it is known for a
/// violation (RFC 9113, section 5.1). nghttp2 is told to forget closed streams, and takes late frames for harmless.
///
/// Streams that we reset are not kept: what the peer had sent before it knew is no violation. Nor are old ones.
struct ClosedStreams {
  /// How a stream ended.
  enum End {
    /// The peer had said everything: more of it ends the connection.
    case complete
    /// The peer had reset it: more of it is an error of the stream.
    case reset
  }

  private static let count = 128

  // Stream identifiers are odd and positive; a negative one was reset.
  private var streams = [Int32](repeating: 0, count: count)

  mutating func insert(id: Int32, _ end: End) {
    guard id > 0 else { return }
    streams[Self.index(id)] = end == .complete ? id : -id
  }

  func end(id: Int32) -> End? {
    guard id > 0 else { return nil }
    return switch streams[Self.index(id)] {
    case id: .complete
    case -id: .reset
    default: nil
    }
  }

  private static func index(_ id: Int32) -> Int {
    Int(id / 2) % count
  }
}
