/// The SETTINGS frame that has SETTINGS_MAX_CONCURRENT_STREAMS and nothing else (RFC 9113, section 6.5).
enum StreamsRequest {
  private static let head: [UInt8] = [0, 0, 6, FrameHeader.settings, 0, 0, 0, 0, 0, 0, 3]

  /// Whether `frame`, a whole one, is such a frame.
  static func isOne(_ frame: Span<UInt8>) -> Bool {
    guard frame.count == head.count + 4 else { return false }
    return head.indices.allSatisfy { frame[$0] == head[$0] }
  }

  static func frame(_ count: UInt32) -> [UInt8] {
    head + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) }
  }
}
