/// What a run of the suite found.
package struct ContractReport: Sendable {
  /// The server, as in `127.0.0.1:50051`.
  package var target: String
  /// Part of every id that the run has used.
  package var runID: String
  /// In the order of the contract.
  package var results: [ContractResult] = []
  /// RPCs that this server answers with METHOD_UNIMPLEMENTED; what they promise was not checked.
  package var notImplemented: [String] = []
  /// Whether the suite could be anybody it wanted; if not, what callers may do was not checked.
  package var hasTokens = true

  /// What did not pass.
  package var failures: [ContractResult] { results.filter { !$0.passed } }

  /// Whether something was checked and all of it passed.
  package var passed: Bool { !results.isEmpty && failures.isEmpty }

  /// What a process should exit with: 0 if all passed, else 1.
  package var exitCode: Int32 { passed ? 0 : 1 }
}
