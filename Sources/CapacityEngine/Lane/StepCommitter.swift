/// A committer without a thread: what was started is carried out when whoever has it says so, or when the lane waits for it.
///
/// For simulation and tests, not for serving.
package final class StepCommitter: Committer {
  private var write: (any BatchWrite)?
  private var result: Result<LogPlace, StorageError>?

  package init() {}

  /// Whether something was started and not carried out.
  package var isWaiting: Bool { write != nil }

  func start(_ write: any BatchWrite) {
    precondition(self.write == nil && result == nil, "the write before was not taken")
    self.write = write
  }

  var isOver: Bool { result != nil }

  /// Carries out what was started, if anything was. The lane learns of it when it next looks.
  package func step() {
    guard let write else { return }
    self.write = nil
    result = CommitThread.result(of: write)
  }

  func stop() {}

  func take() -> Result<LogPlace, StorageError> {
    step()
    guard let result else { preconditionFailure("no write was started") }
    self.result = nil
    return result
  }
}
