// TLS is how the two sides prove who they are and keep others from listening: TLS 1.3 and 1.2 through swift-nio-ssl, with
// the protocol `h2` agreed on in the handshake (RFC 9113, section 3.2; gRPC over HTTP/2, "Security").
//
// It is not for deciding what a caller may do: a handler sees the caller's names in `CallContext.identity`.
//
// Before changing it, know this: a connection's own handlers see nothing until the handshake is over. Then the handshake's
// handler tells them that the channel is active, and leaves the pipeline.

/// How a server proves who it is, and whether its callers must.
package struct ServerTLS: Sendable, Equatable {
  /// The server's certificate and those that link it to an authority, in this order; PEM.
  package var certificatePath: String
  /// The private key of the first certificate, not encrypted; PEM.
  package var keyPath: String
  /// The authorities whose certificates callers must have; PEM. nil: callers need none.
  package var clientCAPath: String?
  /// How long a handshake may take.
  package var handshakeTimeout: Duration = .seconds(10)
  /// How often the files are looked at.
  package var pollInterval: Duration = .seconds(10)

  package init(certificatePath: String, keyPath: String, clientCAPath: String? = nil) {
    self.certificatePath = certificatePath
    self.keyPath = keyPath
    self.clientCAPath = clientCAPath
  }
}
