/// The loop that a call lives on.
package struct CallLoop: Hashable, Sendable {
  private let executor: LoopExecutor

  init(_ executor: LoopExecutor) {
    self.executor = executor
  }

  /// Does `work` on the loop, soon. Before any more of it the loop looks at its sockets, and writes what was said.
  package func run(_ work: @escaping @Sendable () -> Void) {
    executor.submitBulk(work)
  }

  package static func == (left: CallLoop, right: CallLoop) -> Bool {
    left.executor === right.executor
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(executor))
  }
}
