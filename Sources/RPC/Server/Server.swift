internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A gRPC server.
package final class Server: Sendable {
  /// The address that is bound; of no meaning where there is a ``socketPath``.
  package let address: (host: String, port: Int)
  /// The path of the Unix domain socket that is bound instead.
  package let socketPath: String?
  private let group: MultiThreadedEventLoopGroup
  private let listener: Listener
  private let connections: ServerConnections
  private let credentials: ServerCredentials?
  private let poll: Task<Void, Never>?
  private let logger: Logger
  private let stop = Mutex<Task<Void, Never>?>(nil)

  private init(
    _ configuration: ServerConfiguration, _ group: MultiThreadedEventLoopGroup,
    _ listener: Listener, _ connections: ServerConnections, _ credentials: ServerCredentials?
  ) {
    let port = listener.channel.localAddress?.port ?? configuration.port
    address = (configuration.host, port)
    socketPath = configuration.socketPath
    self.group = group
    self.listener = listener
    self.connections = connections
    self.credentials = credentials
    poll = credentials.map { credentials in Task { await credentials.poll() } }
    logger = configuration.logger
  }

  /// Binds and begins to serve.
  ///
  /// - Throws: ``TLSFailure`` if the certificates make no TLS; what the system says if the address cannot be bound.
  package static func start(
    _ configuration: ServerConfiguration, _ services: ServiceTable
  ) async throws -> Server {
    let credentials = try configuration.tls.map { tls in
      try ServerCredentials(tls, logger: configuration.logger)
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads)
    do {
      let connections = try await ServerConnections(group, configuration, services, credentials)
      let listener = try await Listener.bind(configuration, group, connections)
      let server = Server(configuration, group, listener, connections, credentials)
      let place = server.socketPath.map { "unix:\($0)" } ?? "\(server.address.port)"
      configuration.logger.info("serving", metadata: ["port": "\(place)"])
      return server
    } catch {
      try? await group.shutdownGracefully()  // The first error is the one to tell.
      throw error
    }
  }

  /// How many connections are open.
  package var connectionCount: Int { connections.count }

  /// What is open now: connections, streams and handlers.
  package func load() async -> ServerLoad { await connections.load() }

  /// Reads the certificates again, as it happens by itself from time to time; new connections see them. Files that make
  /// no TLS change nothing and are logged.
  ///
  /// - Returns: Whether there are new ones.
  @discardableResult
  package func reloadCertificates() -> Bool { credentials?.reload() ?? false }

  /// Stops: takes no more connections and calls, lets running calls finish, and closes. Calls that still run after `grace` end
  /// with ``TransportFault/shuttingDown``. Once is enough: whoever asks again waits for the same end.
  package func drain(within grace: Duration = .seconds(30)) async {
    let stop = stop.withLock { stop in
      if let stop { return stop }
      let begun = Task { await self.end(within: grace) }
      stop = begun
      return begun
    }
    await stop.value
  }

  private func end(within grace: Duration) async {
    poll?.cancel()
    await listener.close()
    await connections.drain(within: grace)
    guard await connections.handlersEnd(within: .seconds(5)) else {
      return logger.error("stopped, but handlers ignore their cancellation; their threads stay")
    }
    try? await group.shutdownGracefully()  // Nothing is left on it that could fail.
    logger.info("stopped")
  }
}
