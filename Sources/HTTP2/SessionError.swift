/// A connection that cannot go on. What the session still has to say (a GOAWAY, as a rule) can be sent before closing.
package struct SessionError: Error, Equatable {
  /// The kinds of ends.
  package enum Kind: Sendable {
    /// The peer does not speak HTTP/2: its first bytes are not the preface.
    case notHTTP2
    /// The peer makes us queue more answers than the limit.
    case flooded
    /// There is no memory, or nghttp2 refuses to go on.
    case failed
    /// The stream is gone or cannot do what was asked.
    case streamUnusable
  }

  package var kind: Kind
  /// nghttp2's number, for logs.
  package var code: Int32

  package init(_ kind: Kind, code: Int32) {
    self.kind = kind
    self.code = code
  }
}
