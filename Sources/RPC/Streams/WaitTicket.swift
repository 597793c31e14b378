internal import Synchronization

/// A task's wait for another thread, as for a call's loop that has room or a message: its cancellation ends it from any thread.
package final class WaitTicket: Sendable {
  private let cancelled = Atomic(false)

  package init() {}

  package var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// Marks the wait as cancelled, for good.
  package func cancel() {
    cancelled.store(true, ordering: .releasing)
  }
}
