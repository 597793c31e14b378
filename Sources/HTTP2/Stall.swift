/// A stream on which the peer lets us wait.
package struct Stall: Sendable, Equatable {
  /// What does not come.
  package enum Side: Sendable {
    /// Bytes of a request that has begun.
    case input
    /// Room for what we have to send: the peer's window is closed.
    case output
  }

  package let stream: StreamReference
  package let side: Side
}
