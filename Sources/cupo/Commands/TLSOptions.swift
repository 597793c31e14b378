internal import ArgumentParser
internal import RPC

/// How a command checks who the server is, and proves who itself is. Any of the files asks for TLS.
struct TLSOptions: ParsableArguments {
  @Flag(help: "Connect by TLS.")
  var tls = false

  @Option(
    help: ArgumentHelp("Trust these authorities (PEM), not the system's.", valueName: "file"))
  var tlsCA: String?

  @Option(help: ArgumentHelp("Show this certificate (PEM) to the server.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The private key of the certificate (PEM).", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "The name that the server's certificate must have, if it is not the host's.",
      valueName: "name"))
  var tlsServerName: String?

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key come together.")
    }
  }

  /// nil: no TLS.
  var configuration: ClientTLS? {
    let files = [tlsCA, tlsCertificate, tlsServerName]
    guard tls || files.contains(where: { $0 != nil }) else { return nil }
    var configuration = ClientTLS(
      caPath: tlsCA, certificatePath: tlsCertificate, keyPath: tlsKey)
    configuration.serverName = tlsServerName
    return configuration
  }
}
