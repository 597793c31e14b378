@testable import CapacityEngine

/// A committer whose writes are carried out when a test says so, or when the lane waits for them.
final class StepCommitter: Committer {
  private var write: (any BatchWrite)?
  private var result: Result<Void, StorageError>?

  /// Whether something was started and not carried out.
  var isWaiting: Bool { write != nil }

  func start(_ write: any BatchWrite) {
    precondition(self.write == nil && result == nil, "the write before was not taken")
    self.write = write
  }

  var isOver: Bool { result != nil }

  /// Carries out what was started, if anything was.
  func step() {
    guard let write else { return }
    self.write = nil
    result = CommitThread.result(of: write)
  }

  func stop() {}

  func take() -> Result<Void, StorageError> {
    step()
    guard let result else { preconditionFailure("no write was started") }
    self.result = nil
    return result
  }
}
