internal import CapacityEngine
internal import RPC
internal import ServiceLifecycle

/// Keeps the engine until everything that uses it has stopped.
struct EngineService: Service {
  let engine: Engine

  func run() async throws {
    try await gracefulShutdown()
    await engine.stop()
  }
}

/// Keeps the server until a signal comes, then lets running calls finish.
struct ServerService: Service {
  let server: Server
  let engine: Engine
  let health: HealthService
  let grace: Duration

  func run() async throws {
    try await gracefulShutdown()
    // Load balancers first: what they send from now on would be refused.
    health.stop()
    // Watches have no end of their own, and would use up the whole grace.
    engine.endSubscriptions()
    await server.drain(within: grace)
  }
}
