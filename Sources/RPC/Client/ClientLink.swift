internal import HTTP2
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One connection of a client as seen from any thread.
final class ClientLink: Sendable {
  let executor: LoopExecutor
  private let bound: NIOLoopBound<ClientConnection>
  private let usable: UsableFlag

  private init(
    _ executor: LoopExecutor, _ bound: NIOLoopBound<ClientConnection>, _ usable: UsableFlag
  ) {
    self.executor = executor
    self.bound = bound
    self.usable = usable
  }

  /// The connection; on its loop only.
  var connection: ClientConnection { bound.value }

  /// Whether new calls can be started. May be out of date by the time it is known.
  var isUsable: Bool { usable.value }

  /// Connects to a host, or with a `host` like `unix:/run/cupo.sock` to a Unix domain socket.
  static func connect(
    host: String, port: Int, _ configuration: ClientConfiguration
  ) async throws(RPCError) -> ClientLink {
    do {
      let loop = MultiThreadedEventLoopGroup.singleton.next()
      let link = try await loop.submit { () throws -> ClientLink in
        let executor = LoopExecutor(eventLoop: loop)
        let usable = UsableFlag()
        let connection = try ClientConnection(configuration, executor, usable)
        return ClientLink(executor, NIOLoopBound(connection, eventLoop: loop), usable)
      }.get()
      let security = try ConnectionSecurity(configuration, host: host)
      let isReady = loop.makePromise(of: Void.self)
      let bootstrap = ClientBootstrap(group: loop)
        .connectTimeout(.milliseconds(configuration.connectTimeout.wholeMilliseconds))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try security.addHandlers(link.connection, to: channel, isReady)
          }
        }
      do {
        if let path = Authority.socketPath(host) {
          _ = try await bootstrap.connect(unixDomainSocketPath: path).get()
        } else {
          _ = try await bootstrap.channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port).get()
        }
      } catch {
        isReady.fail(error)
        throw error
      }
      try await isReady.futureResult.get()
      return link
    } catch {
      throw RPCError(
        code: .unavailable, message: "cannot connect to \(Authority.place(host, port)): \(error)")
    }
  }

  func close() {
    executor.submit { self.connection.close() }
  }
}
