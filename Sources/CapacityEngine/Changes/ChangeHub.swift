package import Capacity
import Synchronization

/// Tells subscribers what has become durable, and keeps the last changes for those who come back.
package final class ChangeHub: Sendable {
  /// How many past batches are kept for `subscribe(after:)`.
  package static let historyMax = 65_536
  /// How many subscribers there can be.
  package static let subscribersMax = 100_000

  private struct State {
    var subscribers: [UInt64: ChangeSubscription] = [:]
    var nextID: UInt64 = 0
    var history = ChangeHistory(countMax: ChangeHub.historyMax)
    var catalogue = Catalogue()
    var isClosed = false
  }

  private let state: Mutex<State>

  /// - Parameters:
  ///   - position: the last event that the store has.
  ///   - catalogue: as the store has it.
  init(position: UInt64, catalogue: Catalogue) {
    var state = State()
    state.history.position = position
    state.catalogue = catalogue
    self.state = Mutex(state)
  }

  /// The durable catalogue.
  package var catalogue: Catalogue { state.withLock { $0.catalogue } }

  /// Subscribes to changes of the pools of `resources` (nil: of all) from now on, or from behind `position` on.
  ///
  /// - Throws: `overloaded` when there are too many subscribers; nil is the answer where `position` lies further back
  ///   than what is kept, or ahead of what has happened.
  package func subscribe(
    to resources: Set<String>?, after position: UInt64? = nil
  ) throws(EngineError) -> ChangeSubscription? {
    let result: Result<ChangeSubscription?, EngineError> = state.withLock { state in
      guard !state.isClosed else { return .failure(.stopping) }
      guard state.subscribers.count < ChangeHub.subscribersMax else { return .failure(.overloaded) }
      let missed = position.map { state.history.changes(after: $0) } ?? Changes()
      guard let missed else { return .success(nil) }
      let id = state.nextID
      state.nextID += 1
      let subscription = ChangeSubscription(id: id, resources: resources, hub: self)
      subscription.receive(missed)
      state.subscribers[id] = subscription
      return .success(subscription)
    }
    return try result.get()
  }

  var subscribersCount: Int { state.withLock { $0.subscribers.count } }

  func unsubscribe(_ id: UInt64) {
    _ = state.withLock { $0.subscribers.removeValue(forKey: id) }
  }

  /// Announces a batch that the store has.
  func publish(_ written: ChangeSet, catalogue: Catalogue) {
    let changes = Changes(
      pools: Set(written.pools.keys), resources: Set(written.resources.map(\.id)),
      products: Set(written.products.map(\.id)))
    announce(changes, position: written.lane.nextSequence - 1, catalogue)
  }

  /// Announces that the store was read anew: anything may be different.
  func publishAnew(position: UInt64, catalogue: Catalogue) {
    announce(Changes(everything: true), position: position, catalogue)
  }

  private func announce(_ changes: Changes, position: UInt64, _ catalogue: Catalogue) {
    let subscribers = state.withLock { state in
      state.history.append(changes, position: position)
      if changes.concernsCatalogue { state.catalogue = catalogue }
      return Array(state.subscribers.values)
    }
    for subscriber in subscribers { subscriber.receive(changes) }
  }

  /// Ends every subscription, and lets none begin: the engine goes down.
  func close() {
    let subscribers = state.withLock { state in
      state.isClosed = true
      return Array(state.subscribers.values)
    }
    for subscriber in subscribers { subscriber.close() }
  }
}
