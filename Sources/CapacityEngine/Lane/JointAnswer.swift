import Capacity

/// Gathers the outcomes of commands that are answered together. It never leaves the lane's thread.
///
/// Not for failures: a commit fails with all that is in it, and then the lane answers the work as a whole.
final class JointAnswer {
  private var outcomes: [Outcome] = []
  private let count: Int
  private let answer: (Result<[Outcome], EngineError>) -> Void

  private init(count: Int, _ answer: @escaping (Result<[Outcome], EngineError>) -> Void) {
    self.count = count
    self.answer = answer
    outcomes.reserveCapacity(count)
  }

  /// The commands one by one; once the last of them has its outcome, `answer` is told all.
  static func items(
    _ commands: [Command], _ note: AuditNote?,
    _ answer: @escaping (Result<[Outcome], EngineError>) -> Void
  ) -> [Lane.Item] {
    let joint = JointAnswer(count: commands.count, answer)
    // One closure for all of them.
    let add = joint.add
    return commands.map { ($0, note, add) }
  }

  // The lane answers in the order in which it decides, which is that of the commands.
  private func add(_ result: Result<Outcome, EngineError>) {
    guard case .success(let outcome) = result else { return }
    outcomes.append(outcome)
    if outcomes.count == count { answer(.success(outcomes)) }
  }
}
