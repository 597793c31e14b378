internal import RPC

/// One call that is told a watch's news: how far it has come, and how it is reached.
struct WatchReader: Sendable {
  /// The way to a call, for whoever is on the loop that it lives on.
  struct Line: Sendable {
    let loop: CallLoop
    /// Sends a message if that takes no waiting; answers whether it did.
    let send: @Sendable (SharedMessage) -> Bool
  }

  var position: WatchPosition
  /// Progress marks that it has heard.
  var heard: UInt64 = 0
  /// Nil: only its task can reach it.
  var line: Line?
}
