internal import NIOSSL

/// Says in words what is wrong with a handshake.
enum TLSErrorText {
  /// Parts of BoringSSL's names of errors, and what they mean to people.
  private static let meanings = [
    ("WRONG_VERSION_NUMBER", "the other side does not speak TLS"),
    ("HTTP_REQUEST", "the other side does not speak TLS"),
    ("CERTIFICATE_VERIFY_FAILED", "the certificate is not from an authority that is trusted here"),
    ("CERTIFICATE_REQUIRED", "the server asks for a client certificate"),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "it has no client certificate"),
    ("UNKNOWN_CA", "the other side does not trust the authority of this side's certificate"),
    ("CERTIFICATE_EXPIRED", "the other side says that this side's certificate has expired"),
    ("BAD_CERTIFICATE", "the other side refuses this side's certificate"),
    ("UNSUPPORTED_PROTOCOL", "no version of TLS in common: 1.2 and 1.3 are spoken here"),
    ("PROTOCOL_VERSION", "no version of TLS in common: 1.2 and 1.3 are spoken here"),
    ("NO_APPLICATION_PROTOCOL", "the other side does not speak HTTP/2 (ALPN h2)"),
    ("EOF during handshake", "the connection ended during the handshake"),
    ("failedToValidateHostname", "the certificate is for another name"),
    ("uncleanShutdown", "the connection was cut"),
  ]

  /// Whether TLS itself has failed, not the connection under it.
  static func isTLS(_ error: any Error) -> Bool {
    if let error = error as? NIOSSLError { return error != .uncleanShutdown }
    return error is BoringSSLError
  }

  static func describe(_ error: any Error) -> String {
    let text = "\(error)"
    guard let meaning = meanings.first(where: { text.contains($0.0) }) else {
      return "the handshake failed: \(text)"
    }
    return meaning.1
  }
}
