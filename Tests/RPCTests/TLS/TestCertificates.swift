import Foundation
import RPC
import TemporaryFolders

/// Authorities and certificates of a test, made by the openssl command in a folder of their own.
struct TestCertificates {
  private let folder: TemporaryFolder

  /// A folder with the authorities `ca` and `other`; the caller removes it.
  init() throws {
    folder = try TemporaryFolder()
    for name in ["ca", "other"] {
      try request(name, "/CN=\(name)", "basicConstraints=critical,CA:TRUE", signer: nil)
    }
  }

  func remove() { folder.remove() }

  func path(_ name: String) -> String { folder.path(of: name) }

  /// Makes `name.pem` and `name.key`.
  func issue(_ name: String, _ alternativeNames: String, by signer: String = "ca") throws {
    try request(name, "/CN=\(name)", "subjectAltName=\(alternativeNames)", signer: signer)
  }

  func server(_ name: String, clientCA: String? = nil) -> ServerTLS {
    ServerTLS(
      certificatePath: path("\(name).pem"), keyPath: path("\(name).key"),
      clientCAPath: clientCA.map { path("\($0).pem") })
  }

  func client(ca: String = "ca", as name: String? = nil) -> ClientTLS {
    ClientTLS(
      caPath: path("\(ca).pem"), certificatePath: name.map { path("\($0).pem") },
      keyPath: name.map { path("\($0).key") })
  }

  private func request(
    _ name: String, _ subject: String, _ extensions: String, signer: String?
  ) throws {
    var arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-days", "2", "-subj", subject, "-addext", extensions, "-keyout", path("\(name).key"),
      "-out", path("\(name).pem"),
    ]
    if let signer {
      arguments += ["-CA", path("\(signer).pem"), "-CAkey", path("\(signer).key")]
      arguments += ["-addext", "basicConstraints=critical,CA:FALSE"]
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    struct OpenSSLFailed: Error { let arguments: [String] }
    guard process.terminationStatus == 0 else { throw OpenSSLFailed(arguments: arguments) }
  }
}
