/// How far long work on a store has come.
package struct WorkProgress: Equatable, Sendable {
  /// What is counted.
  package enum Unit: Sendable {
    case bytes, records
  }

  /// Done since the step began; never goes back within a step.
  package var done: Int
  /// What there is to do as far as anybody knows; nil: not known. It may be put right on the way.
  package var total: Int?
  package var unit: Unit
  /// What is being done, in a word or two, as in `verifying`.
  package var step: String

  package init(_ step: String, done: Int, of total: Int?, _ unit: Unit) {
    self.step = step
    self.done = done
    self.total = total
    self.unit = unit
  }
}

/// Is told now and then, on the thread that works.
package typealias ProgressObserver = (WorkProgress) -> Void
