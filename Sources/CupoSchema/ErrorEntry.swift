/// What the error catalogue says about a reason.
package struct ErrorEntry: Hashable, Sendable {
  /// The gRPC status code.
  package var code: Int
  /// What happened, for engineers.
  package var cause: String
  /// What the caller can do.
  package var mitigation: String
  /// The team that answers for it on call.
  package var owner: String
  /// Whether the same call can succeed later without a change of the request.
  package var retryable: Bool
  /// Shown to people.
  package var textEnglish: String
  package var textSpanish: String

  /// For a reason that this schema does not know: status UNKNOWN.
  static let unknown = ErrorEntry(
    code: 2, cause: "The reason is newer than this program.", mitigation: "Update the program.",
    owner: "", retryable: false, textEnglish: "Something went wrong.",
    textSpanish: "Algo salió mal.")
}
