internal import Synchronization

/// A task's wait for room in a call's output queue, which its cancellation ends from any thread.
final class WriteTicket: Sendable {
  private let cancelled = Atomic(false)

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() {
    cancelled.store(true, ordering: .releasing)
  }
}
