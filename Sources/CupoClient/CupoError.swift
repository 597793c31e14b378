package import CupoSchema
package import Protobuf
package import RPC

/// A call that did not succeed: decide by ``reason``, show ``text(in:)``, log the rest.
package struct CupoError: Error, Equatable, Sendable {
  /// One line of a request that a rule refused.
  package struct Precondition: Hashable, Sendable {
    /// The reason, as in `SOLD_OUT`.
    package var type: String
    /// Which part of the request, as in `lines[1]`.
    package var subject: String
    package var description: String

    package init(type: String, subject: String, description: String) {
      self.type = type
      self.subject = subject
      self.description = description
    }
  }

  package var code: StatusCode
  /// Unspecified where the answer names none: it did not come from Cupo's handlers.
  package var reason: ErrorReason
  /// For engineers, in English.
  package var message: String
  /// The particulars of the reason, as `next_expiry`.
  package var metadata: [String: String] = [:]
  /// Every field that breaks a rule.
  package var fieldViolations: [FieldViolation] = []
  /// Every line that a rule refused.
  package var preconditions: [Precondition] = []
  /// When to send the same call again.
  package var retryAfter: Duration?
  /// What the server would show to people, in the language that the call asked for.
  package var localizedText: String?

  package init(_ code: StatusCode, _ reason: ErrorReason, _ message: String) {
    self.code = code
    self.reason = reason
    self.message = message
  }

  /// What to show to people; the catalogue's text where the server sent none.
  ///
  /// - Parameter language: a tag as in `es-CO`; English unless it is Spanish.
  package func text(in language: String = "en") -> String {
    if let localizedText { return localizedText }
    if reason == .unspecified { return message }
    return language.lowercased().hasPrefix("es")
      ? reason.entry.textSpanish : reason.entry.textEnglish
  }

  /// What the caller can do; nil where the catalogue has nothing to say.
  package var mitigation: String? { reason == .unspecified ? nil : reason.entry.mitigation }
}
