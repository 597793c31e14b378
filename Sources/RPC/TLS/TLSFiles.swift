internal import NIOCore
internal import NIOSSL

/// Makes what a handshake needs of PEM files.
enum TLSFiles {
  /// Larger than any bundle of authorities (Debian's has 230 KiB).
  private static let bytesMax = 4 * 1_024 * 1_024

  static func read(_ path: String) throws(TLSFailure) -> [UInt8] {
    do throws(SystemFault) {
      return try SystemFile.read(path, bytesMax: bytesMax)
    } catch {
      throw TLSFailure("cannot read \(path): \(error.text)")
    }
  }

  /// All certificates in the file, at least one.
  static func certificates(_ path: String) throws(TLSFailure) -> [NIOSSLCertificate] {
    try certificates(read(path), path)
  }

  static func certificates(
    _ bytes: [UInt8], _ path: String
  ) throws(TLSFailure) -> [NIOSSLCertificate] {
    guard let all = try? NIOSSLCertificate.fromPEMBytes(bytes), !all.isEmpty else {
      throw TLSFailure("\(path) has no certificate in PEM")
    }
    return all
  }

  static func chain(_ path: String) throws(TLSFailure) -> [NIOSSLCertificateSource] {
    try certificates(path).map { .certificate($0) }
  }

  static func key(_ path: String) throws(TLSFailure) -> NIOSSLPrivateKeySource {
    try key(read(path), path)
  }

  static func key(_ bytes: [UInt8], _ path: String) throws(TLSFailure) -> NIOSSLPrivateKeySource {
    // With a passphrase of its own, or an encrypted key would be asked for on the terminal.
    guard
      let key = try? NIOSSLPrivateKey(
        bytes: bytes, format: .pem, passphraseCallback: { $0("".utf8) })
    else { throw TLSFailure("\(path) has no private key in PEM that is not encrypted") }
    return .privateKey(key)
  }

  /// What both sides of a connection ask for.
  static func harden(_ configuration: inout TLSConfiguration) {
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["h2"]
    // A peer that does not answer the end of a connection keeps nobody waiting.
    configuration.shutdownTimeout = .seconds(1)
  }

  static func context(
    _ configuration: TLSConfiguration, _ certificatePath: String
  ) throws(TLSFailure) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw TLSFailure("the key is not that of the certificate in \(certificatePath): \(error)")
    }
  }
}
