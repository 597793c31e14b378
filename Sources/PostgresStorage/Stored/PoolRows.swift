import Synchronization

/// What a node has found out about the rows of pools that memory knows.
final class PoolRows: Sendable {
  private let missing = Atomic<Bool>(false)

  /// One was not there, which only somebody else's hand can have done: from now on they are put there where they are missing.
  var areMissing: Bool {
    get { missing.load(ordering: .relaxed) }
    set { missing.store(newValue, ordering: .relaxed) }
  }
}
