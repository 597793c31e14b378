internal import HTTP2

/// A request that no handler sees: plain HTTP, or a call that was refused at once.
struct PlainRequest {
  let stream: StreamReference
  /// The answer that is due at the end of the request; nil: there was one.
  private var status: Int?
  let hasBody: Bool
  private var bytes = 0

  /// A body longer than this is answered before its end: nobody will read it.
  private static let bytesMax = 1_024 * 1_024

  init(stream: StreamReference, status: Int?, hasBody: Bool) {
    (self.stream, self.status, self.hasBody) = (stream, status, hasBody)
  }

  /// Bytes of the request have come; answers the status to answer with now, once.
  mutating func received(_ stream: StreamReference, bytes count: Int, endStream: Bool) -> Int? {
    guard stream == self.stream else { return nil }
    bytes += count
    guard endStream || bytes > Self.bytesMax else { return nil }
    defer { status = nil }
    return status
  }
}
