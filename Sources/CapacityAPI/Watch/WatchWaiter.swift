internal import RPC
internal import Synchronization

/// Whoever waits for news of a board. It is in the board's queue, or in the hands of one who took it from there.
final class WatchWaiter: Sendable {
  /// What its task is woken with.
  struct Wake: Sendable {
    var reader: WatchReader
    /// A message that the reader has moved on by, and that is still to be sent.
    var unsent: SharedMessage?
  }

  let id: UInt64
  /// Whether it waits for a look of its own to begin with.
  let isArrival: Bool
  /// Nil: only its task can reach it.
  let line: WatchReader.Line?
  let ticket: WaitTicket
  private let continuation: CheckedContinuation<Wake?, Never>
  private let reader: Mutex<WatchReader?>

  /// - Parameter reader: nil: one that arrives.
  init(
    _ id: UInt64, _ reader: WatchReader?, _ ticket: WaitTicket,
    _ continuation: CheckedContinuation<Wake?, Never>
  ) {
    self.id = id
    self.ticket = ticket
    self.continuation = continuation
    isArrival = reader == nil
    line = reader?.line
    self.reader = Mutex(reader)
  }

  /// Takes the reader, to tell it something.
  func take() -> WatchReader? {
    reader.withLock { reader in
      defer { reader = nil }
      return reader
    }
  }

  /// Gives back what ``take()`` took, to wait on.
  func put(_ next: WatchReader) {
    reader.withLock { $0 = next }
  }

  /// Ends the wait.
  func wake() {
    continuation.resume(returning: take().map { Wake(reader: $0) })
  }

  /// Ends the wait of a reader that was taken.
  func wake(_ reader: WatchReader, unsent: SharedMessage? = nil) {
    continuation.resume(returning: Wake(reader: reader, unsent: unsent))
  }
}
