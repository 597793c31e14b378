internal import RPC
internal import Synchronization

/// Carries what the engine says about its store to the health service, which comes later than the engine does.
final class StoreHealth: Sendable {
  private struct State {
    var isDown = false
    var health: HealthService?
    var services: [String] = []
  }

  private let state = Mutex(State())

  /// The store has begun to fail, or works again: what sells stands and falls with it.
  func changed(isDown: Bool) {
    state.withLock { state in
      state.isDown = isDown
      // Under the lock, or an older word could overtake a newer one.
      state.health?.set(state.services, isServing: !isDown)
    }
  }

  /// Adds a health service for all that `table` has, itself included.
  func serve(in table: inout ServiceTable) -> HealthService {
    let needStore = table.services
    let health = HealthService(services: needStore + HealthService.ownServices)
    health.register(in: &table)
    state.withLock { state in
      (state.health, state.services) = (health, needStore)
      if state.isDown { health.set(needStore, isServing: false) }
    }
    return health
  }
}
