internal import HTTP2
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The connections of a server, by the loops that own them.
final class ServerConnections: Sendable {
  private struct Open {
    let loop: LoopExecutor
    let channel: any Channel
    let connection: NIOLoopBound<ServerConnection>
  }

  private struct State {
    var next: UInt64 = 0
    var open: [UInt64: Open] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())
  private let configuration: ServerConfiguration
  private let services: ServiceTable
  private let loops: [ObjectIdentifier: LoopExecutor]
  private let credentials: ServerCredentials?
  private let faults: ConnectionFaultLog
  private let retained = RetainedCount()

  init(
    _ group: MultiThreadedEventLoopGroup, _ configuration: ServerConfiguration,
    _ services: ServiceTable, _ credentials: ServerCredentials?
  ) async throws {
    self.credentials = credentials
    faults = ConnectionFaultLog(configuration.logger)
    self.configuration = configuration
    self.services = services
    var loops: [ObjectIdentifier: LoopExecutor] = [:]
    for loop in group.makeIterator() {
      loops[ObjectIdentifier(loop)] = try await loop.submit {
        LoopExecutor(eventLoop: loop, callsMax: configuration.maxConcurrentStreams) { isLowered in
          Self.log(isLowered, configuration.logger)
        }
      }.get()
    }
    self.loops = loops
  }

  private static func log(_ isLowered: Bool, _ logger: Logger) {
    if isLowered {
      logger.notice("calls come faster than they are served; connections may have fewer open")
    } else {
      logger.notice("connections may have as many calls open as before")
    }
  }

  var count: Int { state.withLock { $0.open.count } }

  /// Serves a channel that was accepted. To be called on the channel's loop.
  func add(_ channel: any Channel) throws {
    guard let executor = loops[ObjectIdentifier(channel.eventLoop)] else { return }
    let number = state.withLock { state -> UInt64? in
      guard !state.isDraining, state.open.count < configuration.maxConnections else { return nil }
      state.next += 1
      return state.next
    }
    guard let number else { return channel.close(promise: nil) }
    let connection = try ServerConnection(configuration, services, executor, retained) {
      [weak self] in
      self?.remove(number)
    }
    let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    state.withLock {
      $0.open[number] = Open(loop: executor, channel: channel, connection: bound)
    }
    do {
      try addHandlers(connection, to: channel.pipeline.syncOperations)
    } catch {
      // Nobody else would: its place is given back when the connection's handler hears of the end.
      remove(number)
      throw error
    }
  }

  private func addHandlers(
    _ connection: ServerConnection, to pipeline: ChannelPipeline.SynchronousOperations
  ) throws {
    if let credentials, let tls = configuration.tls {
      try pipeline.addHandler(FirstBytesHandler.serverWithTLS(faults))
      try pipeline.addHandler(NIOSSLServerHandler(context: credentials.context))
      try pipeline.addHandler(
        ServerHandshake(connection, timeout: tls.handshakeTimeout, faults))
    } else {
      try pipeline.addHandler(FirstBytesHandler.serverWithoutTLS(faults))
    }
    try pipeline.addHandler(connection)
  }

  /// Ends all connections: politely, then, after `grace`, not.
  func drain(within grace: Duration) async {
    state.withLock { $0.isDraining = true }
    forEach { channel, connection in
      // A handshake that is not over has no call to wait for.
      connection.isActive ? connection.drain() : channel.close(promise: nil)
    }
    await waitUntilEmpty(grace)
    guard count > 0 else { return }
    forEach { $1.cancelAll() }
    await waitUntilEmpty(.seconds(1))
    forEach { channel, _ in channel.close(promise: nil) }
    await waitUntilEmpty(.seconds(5))
  }

  /// Waits for handlers that outlive their calls: a loop must not stop before its last job. Answers whether all ended.
  func handlersEnd(within limit: Duration) async -> Bool {
    let end = ContinuousClock.now + limit
    while await load().handlers > 0 {
      // Cancelled means that nobody wants to wait.
      guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil
      else { return false }
    }
    return true
  }

  /// What is open now, counted loop by loop.
  func load() async -> ServerLoad {
    var load = ServerLoad()
    load.retainedConnections = retained.value
    for executor in loops.values {
      let open = state.withLock { $0.open.values.filter { $0.loop === executor } }
      let part = executor.eventLoop.submit {
        let streams = open.map { $0.connection.value.session.openStreams }
        return (streams.reduce(0, +), executor.local.runningHandlers)
      }
      // A loop that does not answer has nothing that runs.
      guard let (streams, handlers) = try? await part.get() else { continue }
      load.connections += open.count
      load.streams += streams
      load.handlers += handlers
    }
    return load
  }

  private func forEach(_ body: @escaping @Sendable (any Channel, ServerConnection) -> Void) {
    for open in state.withLock({ Array($0.open.values) }) {
      open.loop.submit { body(open.channel, open.connection.value) }
    }
  }

  private func waitUntilEmpty(_ limit: Duration) async {
    let end = ContinuousClock.now + limit
    while count > 0, ContinuousClock.now < end {
      // Cancelled means that nobody wants to wait.
      guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
    }
  }

  private func remove(_ number: UInt64) {
    state.withLock { _ = $0.open.removeValue(forKey: number) }
  }
}
