internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A gRPC server.
package final class Server: Sendable {
  /// The address that is bound.
  package let address: (host: String, port: Int)
  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let connections: ServerConnections
  private let logger: Logger

  private init(
    _ address: (host: String, port: Int), _ group: MultiThreadedEventLoopGroup,
    _ listener: any Channel, _ connections: ServerConnections, _ logger: Logger
  ) {
    self.address = address
    self.group = group
    self.listener = listener
    self.connections = connections
    self.logger = logger
  }

  /// Binds and begins to serve.
  ///
  /// - Throws: What the system says if the address cannot be bound.
  package static func start(
    _ configuration: ServerConfiguration, _ services: ServiceTable
  ) async throws -> Server {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads)
    do {
      let connections = try await ServerConnections(group, configuration, services)
      let listener = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1_024)
        .serverChannelInitializer { listener in
          listener.eventLoop.makeCompletedFuture {
            let most = FileDescriptors.connectionsMax(wanted: configuration.maxConnections)
            try listener.pipeline.syncOperations.addHandler(AcceptGate(connectionsMax: most))
          }
        }
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
        .childChannelOption(.recvAllocator, value: ReceiveBuffers())
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try connections.add(channel) }
        }
        .bind(host: configuration.host, port: configuration.port).get()
      let port = listener.localAddress?.port ?? configuration.port
      configuration.logger.info("serving", metadata: ["port": "\(port)"])
      return Server(
        (configuration.host, port), group, listener, connections, configuration.logger)
    } catch {
      try? await group.shutdownGracefully()  // The first error is the one to tell.
      throw error
    }
  }

  /// How many connections are open.
  package var connectionCount: Int { connections.count }

  /// Stops: takes no more connections and calls, lets running calls finish, and closes. Calls that still run after `grace` end
  /// with ``TransportFault/shuttingDown``.
  package func drain(within grace: Duration = .seconds(30)) async {
    try? await listener.close().get()  // Already closed is as good.
    await connections.drain(within: grace)
    guard await connections.handlersEnd(within: .seconds(5)) else {
      return logger.error("stopped, but handlers ignore their cancellation; their threads stay")
    }
    try? await group.shutdownGracefully()  // Nothing is left on it that could fail.
    logger.info("stopped")
  }
}
