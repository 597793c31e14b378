internal import NIOCore
internal import NIOSSL

/// What stands between a client's connection and its socket: a handshake, or someone who notices that one was expected.
struct ConnectionSecurity: Sendable {
  private let context: NIOSSLContext?
  private let serverName: String?
  private let handshakeTimeout: Duration

  /// Reads the files that the client's TLS names.
  init(_ configuration: ClientConfiguration, host: String) throws(TLSFailure) {
    context = try configuration.tls.map { tls throws(TLSFailure) in try tls.context() }
    let isSocket = Authority.socketPath(host) != nil
    serverName = configuration.tls?.serverName ?? (isSocket ? "localhost" : host)
    handshakeTimeout = configuration.connectTimeout
  }

  /// - Parameter isReady: Succeeds as soon as the connection can be used.
  func addHandlers(
    _ connection: ClientConnection, to channel: any Channel, _ isReady: EventLoopPromise<Void>
  ) throws {
    let pipeline = channel.pipeline.syncOperations
    if let context {
      try pipeline.addHandler(tlsHandler(context))
      try pipeline.addHandler(ClientHandshake(timeout: handshakeTimeout, isReady))
    } else {
      try pipeline.addHandler(FirstBytesHandler.clientWithoutTLS { connection.loss = $0 })
      isReady.succeed()
    }
    try pipeline.addHandler(connection)
  }

  // An address cannot be asked for in the handshake; the certificate is compared with the socket's address then.
  private func tlsHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
    do {
      return try NIOSSLClientHandler(context: context, serverHostname: serverName)
    } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
      return try NIOSSLClientHandler(context: context, serverHostname: nil)
    }
  }
}
