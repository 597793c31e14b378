internal import Synchronization

/// Whether a connection takes new calls, readable from any thread.
final class UsableFlag: Sendable {
  private let flag = Atomic(true)

  var value: Bool { flag.load(ordering: .acquiring) }

  func clear() {
    flag.store(false, ordering: .releasing)
  }
}
