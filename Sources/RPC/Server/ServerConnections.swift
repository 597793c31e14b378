internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The connections of a server, by the loops that own them.
final class ServerConnections: Sendable {
  private struct State {
    var next: UInt64 = 0
    var open: [UInt64: (loop: LoopExecutor, connection: NIOLoopBound<ServerConnection>)] = [:]
    var isDraining = false
  }

  private let state = Mutex(State())
  private let configuration: ServerConfiguration
  private let services: ServiceTable
  private let loops: [ObjectIdentifier: LoopExecutor]

  init(
    _ group: MultiThreadedEventLoopGroup, _ configuration: ServerConfiguration,
    _ services: ServiceTable
  ) async throws {
    self.configuration = configuration
    self.services = services
    var loops: [ObjectIdentifier: LoopExecutor] = [:]
    for loop in group.makeIterator() {
      loops[ObjectIdentifier(loop)] = try await loop.submit { LoopExecutor(eventLoop: loop) }.get()
    }
    self.loops = loops
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
    let connection = try ServerConnection(configuration, services, executor) { [weak self] in
      self?.remove(number)
    }
    let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    state.withLock { $0.open[number] = (executor, bound) }
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  /// Ends all connections: politely, then, after `grace`, not.
  func drain(within grace: Duration) async {
    state.withLock { $0.isDraining = true }
    forEach { $0.drain() }
    await waitUntilEmpty(grace)
    guard count > 0 else { return }
    forEach { $0.cancelAll() }
    await waitUntilEmpty(.seconds(1))
    forEach { $0.abort() }
    await waitUntilEmpty(.seconds(5))
  }

  /// Waits for handlers that outlive their calls: a loop must not stop before its last job. Answers whether all ended.
  func handlersEnd(within limit: Duration) async -> Bool {
    let end = ContinuousClock.now + limit
    while await runningHandlers() > 0 {
      // Cancelled means that nobody wants to wait.
      guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil
      else { return false }
    }
    return true
  }

  private func runningHandlers() async -> Int {
    var sum = 0
    for executor in loops.values {
      // A loop that does not answer has nothing that runs.
      sum += (try? await executor.eventLoop.submit { executor.local.runningHandlers }.get()) ?? 0
    }
    return sum
  }

  private func forEach(_ body: @escaping @Sendable (ServerConnection) -> Void) {
    for (loop, connection) in state.withLock({ Array($0.open.values) }) {
      loop.submit { body(connection.value) }
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
