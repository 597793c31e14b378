// HealthService tells load balancers and people whether this server, or one of its services, takes calls (grpc.health.v1).
//
// It is not for finding that out: who knows says it by `set`, and the server that drains by `stop`.
//
// Before changing it, know this: a watcher that does not read is owed nothing but the latest status, so that one status a
// watcher is all that ever waits.

internal import RPCSchema
internal import Synchronization

/// Answers Check and Watch of `grpc.health.v1`. Open to every caller.
package final class HealthService: Sendable {
  /// How many Watch calls there can be at once, unless a server says otherwise.
  package static let watchersMax = 16_384

  /// The names of health and reflection, which need nothing but the server itself.
  package static let ownServices = [
    Health.name, ServerReflection.name, ServerReflectionV1Alpha.name,
  ]

  private typealias Status = HealthState.Status

  private struct State {
    var health: HealthState
    var watchers: [UInt64: (service: String, updates: AsyncStream<HealthState.Status>.Continuation)]
    var next: UInt64 = 0
  }

  private let state: Mutex<State>
  private let watchersMax: Int

  /// - Parameter services: The full names of all services; each takes calls until something else is said.
  package init(services: [String], watchersMax: Int = HealthService.watchersMax) {
    state = Mutex(State(health: HealthState(services: services), watchers: [:]))
    self.watchersMax = watchersMax
  }

  /// Says whether `services` take calls from now on; those who watch are told if that is new.
  package func set(_ services: [String], isServing: Bool) {
    change { $0.set(services, isServing: isServing) }
  }

  /// Says that nothing takes calls any more, and ends what watches.
  package func stop() {
    change { $0.stop() }
    let watchers = state.withLock { state in
      defer { state.watchers = [:] }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.updates.finish() }
  }

  /// Adds both methods to `table`.
  package func register(in table: inout ServiceTable) {
    table.unary(Health.check) { (request, _) async throws(RPCError) -> HealthCheckResponse in
      guard let status = self.state.withLock({ $0.health.status(of: request.service) }) else {
        throw RPCError(code: .notFound, message: "unknown service \(request.service)")
      }
      return Self.response(status)
    }
    table.serverStreaming(Health.watch) { (request, _, writer) async throws(RPCError) in
      try await self.watch(request.service, writer)
    }
  }

  /// How many Watch calls run.
  package var watcherCount: Int { state.withLock { $0.watchers.count } }

  // MARK: Watching

  private func watch(
    _ service: String, _ writer: ResponseWriter<HealthCheckResponse>
  ) async throws(RPCError) {
    let (number, updates) = try subscribe(to: service)
    defer { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }
    var last: Status?
    for await status in updates where status != last {
      try await writer.send(Self.response(status))
      last = status
    }
    throw state.withLock { $0.health.isStopped }
      ? TransportFault.shuttingDown.error
      : RPCError(code: .cancelled, message: "the call was cancelled")
  }

  private func subscribe(
    to service: String
  ) throws(RPCError) -> (UInt64, AsyncStream<HealthState.Status>) {
    let (updates, continuation) = AsyncStream<Status>.makeStream(
      bufferingPolicy: .bufferingNewest(1))
    return try state.withLock { state throws(RPCError) in
      guard state.watchers.count < watchersMax else {
        throw RPCError(code: .resourceExhausted, message: "\(watchersMax) calls watch already")
      }
      state.next += 1
      continuation.yield(state.health.status(of: service) ?? .serviceUnknown)
      if state.health.isStopped {
        continuation.finish()
      } else {
        state.watchers[state.next] = (service, continuation)
      }
      return (state.next, updates)
    }
  }

  private func change(_ body: (inout HealthState) -> Void) {
    state.withLock { state in
      body(&state.health)
      for watcher in state.watchers.values {
        // Yielded under the lock, or an older status could overtake a newer one.
        watcher.updates.yield(state.health.status(of: watcher.service) ?? .serviceUnknown)
      }
    }
  }

  private static func response(_ status: Status) -> HealthCheckResponse {
    var response = HealthCheckResponse()
    response.status = status
    return response
  }
}
