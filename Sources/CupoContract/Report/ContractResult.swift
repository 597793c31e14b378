/// How one check ended.
package struct ContractResult: Hashable, Sendable {
  /// What it is about, as in `CapacityService.Reserve`.
  package var subject: String
  package var name: String
  /// Nil if it passed.
  package var failure: CheckFailure?
  package var seconds: Double

  package var passed: Bool { failure == nil }
}
