internal import NIOSSL

/// How a client checks who the server is, and proves who itself is.
package struct ClientTLS: Sendable, Equatable {
  /// The authorities to trust; PEM. nil: those of the system.
  package var caPath: String?
  /// The client's certificate and those that link it to an authority; PEM. nil: none.
  package var certificatePath: String?
  /// The private key of the first certificate, not encrypted; PEM.
  package var keyPath: String?
  /// The name that the server's certificate must have; nil: the host that is called.
  package var serverName: String?

  package init(caPath: String? = nil, certificatePath: String? = nil, keyPath: String? = nil) {
    self.caPath = caPath
    self.certificatePath = certificatePath
    self.keyPath = keyPath
  }

  /// Reads the files. To be done for each connection, so that new files count at once.
  func context() throws(TLSFailure) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    TLSFiles.harden(&configuration)
    if let caPath {
      configuration.trustRoots = .certificates(try TLSFiles.certificates(caPath))
    }
    if let certificatePath {
      guard let keyPath else { throw TLSFailure("a certificate needs its key") }
      configuration.certificateChain = try TLSFiles.chain(certificatePath)
      configuration.privateKey = try TLSFiles.key(keyPath)
    }
    return try TLSFiles.context(configuration, certificatePath ?? "")
  }
}
