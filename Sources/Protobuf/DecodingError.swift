/// Why bytes are not the message that they should be.
package struct DecodingError: Error, Equatable {
  /// The kinds of damage.
  package enum Kind: Sendable {
    /// Truncated, or not Protocol Buffers at all.
    case malformed
    /// A string field that is not valid UTF-8 or that contains a NUL.
    case invalidString
    /// The decoded form would exceed the memory limit.
    case tooLarge
  }

  package var kind: Kind
  /// The message type or field that is damaged, as far as it is known.
  package var subject: String

  package init(_ kind: Kind, subject: String) {
    self.kind = kind
    self.subject = subject
  }
}
