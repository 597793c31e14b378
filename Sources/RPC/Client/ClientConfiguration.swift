/// How a client connects and what it takes.
package struct ClientConfiguration: Sendable {
  /// The longest message that is taken, bytes.
  package var maxMessageBytes = 4 * 1_024 * 1_024
  /// How long a connection may take to come about.
  package var connectTimeout: Duration = .seconds(10)
  /// The `user-agent` that servers see.
  package var userAgent = "cupo-swift"

  /// How the client checks who the server is; nil: no TLS.
  package var tls: ClientTLS?

  package init() {}
}
