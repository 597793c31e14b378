internal import Logging
internal import NIOSSL
internal import Synchronization

/// What a server shows in handshakes: read from files, and read again when they have changed.
final class ServerCredentials: Sendable {
  /// The contents of the files.
  private struct Files: Equatable {
    var certificate: [UInt8]
    var key: [UInt8]
    var clientCA: [UInt8]?
  }

  private struct State {
    var context: NIOSSLContext
    /// What was tried last, with or without success.
    var files: Files
    /// What was wrong then.
    var failure: TLSFailure?
  }

  private let tls: ServerTLS
  private let logger: Logger
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Throws: ``TLSFailure`` if they make no TLS.
  init(_ tls: ServerTLS, logger: Logger) throws(TLSFailure) {
    self.tls = tls
    self.logger = logger
    let files = try Self.read(tls)
    state = Mutex(State(context: try Self.context(files, tls), files: files))
  }

  /// For the next handshake.
  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Reads the files again. Connections that are open stay as they are; a pair that does not fit changes nothing and is
  /// logged, once.
  ///
  /// - Returns: Whether there is something new to show.
  @discardableResult
  func reload() -> Bool {
    do throws(TLSFailure) {
      let files = try Self.read(tls)
      let isNew = state.withLock { state in
        defer { state.files = files }
        return state.files != files
      }
      guard isNew else { return false }
      let context = try Self.context(files, tls)
      state.withLock { ($0.context, $0.failure) = (context, nil) }
      logger.notice("new certificates are in use", metadata: ["file": "\(tls.certificatePath)"])
      return true
    } catch {
      let isNew = state.withLock { state in
        defer { state.failure = error }
        return state.failure != error
      }
      if isNew { logger.error("the certificates stay as they were: \(error)") }
      return false
    }
  }

  /// Reads the files again and again, until the task is cancelled.
  func poll() async {
    while (try? await Task.sleep(for: tls.pollInterval)) != nil { reload() }
  }

  private static func read(_ tls: ServerTLS) throws(TLSFailure) -> Files {
    var clientCA: [UInt8]?
    if let path = tls.clientCAPath { clientCA = try TLSFiles.read(path) }
    return Files(
      certificate: try TLSFiles.read(tls.certificatePath), key: try TLSFiles.read(tls.keyPath),
      clientCA: clientCA)
  }

  private static func context(
    _ files: Files, _ tls: ServerTLS
  ) throws(TLSFailure) -> NIOSSLContext {
    let chain = try TLSFiles.certificates(files.certificate, tls.certificatePath)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: try TLSFiles.key(files.key, tls.keyPath))
    TLSFiles.harden(&configuration)
    if let clientCA = files.clientCA {
      configuration.trustRoots = .certificates(
        try TLSFiles.certificates(clientCA, tls.clientCAPath ?? ""))
      // A caller has an address, but no name that could be compared.
      configuration.certificateVerification = .noHostnameVerification
    }
    return try TLSFiles.context(configuration, tls.certificatePath)
  }
}
