internal import NIOCore
internal import NIOPosix

/// What takes new connections for a server: a channel, and for a Unix domain socket its file.
struct Listener: Sendable {
  let channel: any Channel
  private let socket: UnixSocket?

  /// Binds what `configuration` names, and hands every connection to `connections`.
  static func bind(
    _ configuration: ServerConfiguration, _ group: MultiThreadedEventLoopGroup,
    _ connections: ServerConnections
  ) async throws -> Listener {
    let bootstrap = bootstrap(configuration, group, connections)
    guard let path = configuration.socketPath else {
      let bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      return Listener(
        channel: try await bootstrap.bind(
          host: configuration.host, port: configuration.port
        ).get(), socket: nil)
    }
    let socket = try UnixSocket.bind(path, mode: configuration.socketMode)
    do {
      return Listener(
        channel: try await bootstrap.withBoundSocket(socket.descriptor).get(), socket: socket)
    } catch {
      socket.remove()
      throw error
    }
  }

  private static func bootstrap(
    _ configuration: ServerConfiguration, _ group: MultiThreadedEventLoopGroup,
    _ connections: ServerConnections
  ) -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelInitializer { listener in
        listener.eventLoop.makeCompletedFuture {
          let most = FileDescriptors.connectionsMax(wanted: configuration.maxConnections)
          try listener.pipeline.syncOperations.addHandler(AcceptGate(connectionsMax: most))
        }
      }
      .childChannelOption(.recvAllocator, value: ReceiveBuffers())
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try connections.add(channel) }
      }
  }

  /// Takes no more connections. The file goes first, so that a server that starts meanwhile is not stopped by it.
  func close() async {
    socket?.remove()
    try? await channel.close().get()  // Already closed is as good.
  }
}
