internal import CNghttp2

/// Header fields to send: prepared once, or made for this stream.
package enum Headers: Sendable {
  case prepared(PreparedHeaders)
  case block(HeaderBlock)

  func withFields<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
    switch self {
    case .prepared(let headers): unsafe headers.withFields(body)
    case .block(let block): unsafe block.withFields(body)
    }
  }
}
