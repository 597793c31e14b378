internal import Synchronization

/// A task's wait for a call's loop, for room or for a message, which its cancellation ends from any thread.
final class WaitTicket: Sendable {
  private let cancelled = Atomic(false)

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() {
    cancelled.store(true, ordering: .releasing)
  }
}
