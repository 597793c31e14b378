/// What a session saw happen.
package enum Event: Sendable {
  /// A complete block of header fields: a request, a response, an interim response or trailers.
  case headers(StreamReference, HeaderBlock, endStream: Bool)
  /// Bytes of a body, as a range of the input that ``Session/receive(_:events:)`` was given.
  ///
  /// Whoever has used them says so by ``Session/consume(_:bytes:)``, or the peer's window stays closed.
  case data(StreamReference, Range<Int>, endStream: Bool)
  /// The stream is over: both sides ended it (``ErrorCode/noError``) or one of them reset it.
  case closed(StreamReference, ErrorCode)
  /// The stream's output queue, which had been full, has room again.
  case writable(StreamReference)
  /// The peer takes no more streams; those above `lastStreamID` it has not looked at.
  case goAway(lastStreamID: Int32, ErrorCode)
  /// The peer's settings have come.
  case settings
  /// The peer has answered our ping.
  case pong(UInt64)
}
