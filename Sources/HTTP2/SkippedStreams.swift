/// Remembers which stream identifiers a client has jumped over, so that one that comes late is known for a violation:
/// identifiers only grow (RFC 9113, section 5.1.1), and nghttp2 1.52 takes a late one for a stream that has closed.
struct SkippedStreams {
  private var last: Int32 = -1
  private var gaps: [ClosedRange<Int32>] = []

  /// Gaps remembered; a client has no reason to leave any.
  private static let gapsMax = 64

  /// Notes that the peer sent HEADERS on stream `id`, and answers whether that breaks the rule.
  mutating func received(id: Int32) -> Bool {
    guard id > last else { return gaps.contains { $0.contains(id) } }
    if id > last + 2 {
      if gaps.count == Self.gapsMax { gaps.removeFirst() }
      gaps.append(last + 2...id - 2)
    }
    last = id
    return false
  }
}
