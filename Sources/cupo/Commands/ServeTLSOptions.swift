internal import ArgumentParser
internal import RPC

/// How a server proves who it is, and whether its callers must.
struct ServeTLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve by TLS with this certificate, and those behind it (PEM).", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The private key of the certificate (PEM).", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Serve only callers who have a certificate from these authorities (PEM).",
      valueName: "file"))
  var tlsClientCA: String?

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key come together.")
    }
    guard tlsClientCA == nil || tlsCertificate != nil else {
      throw ValidationError("--tls-client-ca needs --tls-certificate and --tls-key.")
    }
  }

  /// nil: no TLS.
  var configuration: ServerTLS? {
    guard let tlsCertificate, let tlsKey else { return nil }
    return ServerTLS(
      certificatePath: tlsCertificate, keyPath: tlsKey, clientCAPath: tlsClientCA)
  }
}
