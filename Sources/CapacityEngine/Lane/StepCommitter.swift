package import Capacity

/// A committer without a thread: what was started is carried out when whoever has it says so, or when the lane waits for it.
///
/// For simulation and tests, not for serving.
package final class StepCommitter: Committer {
  private var write: (any BatchWrite)?
  private var result: Result<LogPlace, StorageError>?

  /// What was decided ahead, all at one instant.
  package struct Decision {
    package var commands: [Command]
    package var at: Instant
    package var lanes: LaneSet
    /// Else it goes with what was decided before it. What was decided before the first and not sent is decided anew.
    package var isFirst: Bool
  }

  /// Is told of decisions.
  package var decided: ((Decision) -> Void)?

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

  func note(_ decided: [Lane.Item], at instant: Instant, in lanes: LaneSet, isFirst: Bool) {
    self.decided?(
      Decision(commands: decided.map(\.command), at: instant, lanes: lanes, isFirst: isFirst))
  }

  func take() -> Result<LogPlace, StorageError> {
    step()
    guard let result else { preconditionFailure("no write was started") }
    self.result = nil
    return result
  }
}
