package import CupoSchema

/// An error on its way to the caller, before it is put into words: a reason of the catalogue and its particulars.
package struct Refusal: Error, Equatable {
  package var reason: ErrorReason
  /// Particulars for programs, such as `available` or `next_expiry`.
  package var metadata: [Particular]
  /// Every field that breaks a rule.
  package var fieldViolations: [FieldProblem]
  /// One for each line that cannot be sold.
  package var preconditions: [Precondition]
  /// When the same call is worth another try, where that is known better than by the reason alone.
  package var retryMilliseconds: Int64?

  /// Where in the sources it comes from: for who looks into a defect, and never for callers.
  let origin: Origin

  struct Origin: Equatable, Sendable {
    let file: StaticString
    let line: UInt

    // Of no matter to what is told.
    static func == (left: Origin, right: Origin) -> Bool { true }
  }

  package struct Particular: Equatable, Sendable {
    var key: String
    var value: String
  }

  package struct FieldProblem: Equatable, Sendable {
    var field: String
    var description: String
  }

  package struct Precondition: Equatable, Sendable {
    var type: String
    var subject: String
    var description: String
  }

  package init(
    _ reason: ErrorReason, _ metadata: [Particular] = [], file: StaticString = #fileID,
    line: UInt = #line
  ) {
    origin = Origin(file: file, line: line)
    self.reason = reason
    self.metadata = metadata
    fieldViolations = []
    preconditions = []
  }

  /// Fields that break a rule, in one answer.
  package static func violations(_ problems: [FieldProblem]) -> Refusal {
    var refusal = Refusal(.fieldViolation)
    refusal.fieldViolations = problems
    if let first = problems.first {
      refusal.metadata = [Particular(key: "field", value: first.field)]
    }
    return refusal
  }

  package static func violation(_ field: String, _ description: String) -> Refusal {
    violations([FieldProblem(field: field, description: description)])
  }
}
