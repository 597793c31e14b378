package import Capacity
import Synchronization

/// Tells subscribers what has become durable, and remembers for those who come back when what changed.
///
/// It runs on the lane's thread: a change costs a look-up for its resource, and work only for those who want to hear of it.
package final class ChangeHub: Sendable {
  /// How many pools are remembered as changed.
  package static let poolsMax = 1_000_000
  /// How many events of the log are read to learn what changed before this process began.
  package static let recalledMax = 200_000
  /// How many subscribers there can be.
  package static let subscribersMax = 100_000

  fileprivate struct State {
    var subscribers: [UInt64: ChangeSubscription] = [:]
    // Who wants to hear of pools of a resource, and of which.
    var interested: [String: [UInt64: ClosedRange<Int64>]] = [:]
    var interests: [UInt64: ChangeInterest] = [:]
    var nextID: UInt64 = 0
    var last: LastChanges
    var catalogue: Catalogue
    var isClosed = false
  }

  private let state: Mutex<State>
  private let stamps = ChangeStamps()
  // What of the state is asked for too often to lock it.
  private let lastPosition: Atomic<UInt64>
  private let lastRevision: Atomic<UInt64>

  /// - Parameters:
  ///   - position: the last event that the store has.
  ///   - catalogue: as the store has it.
  init(position: UInt64, catalogue: Catalogue, poolsMax: Int = ChangeHub.poolsMax) {
    lastPosition = Atomic(position)
    lastRevision = Atomic(catalogue.revision)
    state = Mutex(
      State(last: LastChanges(position: position, poolsMax: poolsMax), catalogue: catalogue))
  }

  /// The durable catalogue.
  package var catalogue: Catalogue { state.withLock { $0.catalogue } }

  /// The last event that subscribers have been told of.
  package var position: UInt64 { lastPosition.load(ordering: .acquiring) }

  /// Which revision of the catalogue is the durable one.
  package var revision: UInt64 { lastRevision.load(ordering: .acquiring) }

  /// When pools of `run` last changed.
  package func stamps(of run: PoolRun) -> RunStamps { stamps.stamps(of: run) }

  // MARK: Subscribing

  /// Subscribes to changes of definitions, and of the pools that the subscription then says.
  ///
  /// - Throws: `overloaded` when there are too many subscribers.
  package func subscribe() throws(EngineError) -> ChangeSubscription {
    let result: Result<ChangeSubscription, EngineError> = state.withLock { state in
      guard !state.isClosed else { return .failure(.stopping) }
      guard state.subscribers.count < ChangeHub.subscribersMax else { return .failure(.overloaded) }
      let id = state.nextID
      state.nextID += 1
      let subscription = ChangeSubscription(id: id, hub: self)
      state.subscribers[id] = subscription
      return .success(subscription)
    }
    return try result.get()
  }

  var subscribersCount: Int { state.withLock { $0.subscribers.count } }

  func follow(_ interest: ChangeInterest, _ id: UInt64) {
    state.withLock { state in
      guard state.subscribers[id] != nil, state.interests[id] != interest else { return }
      state.forgetInterest(of: id)
      state.interests[id] = interest
      for (resource, range) in interest.ranges {
        state.interested[resource, default: [:]][id] = range
      }
    }
  }

  func unsubscribe(_ id: UInt64) {
    state.withLock { state in
      state.subscribers[id] = nil
      state.forgetInterest(of: id)
    }
  }

  // MARK: Asking

  /// Those of `pools` that changed behind `position`; nil where that is no longer, or not yet, known. To be asked in portions:
  /// the lane waits meanwhile.
  func changed(since position: UInt64, among pools: ArraySlice<PoolKey>) -> [PoolKey]? {
    state.withLock { state in
      state.last.knows(since: position)
        ? state.last.changed(since: position, among: pools) : nil
    }
  }

  /// The definitions that changed behind `position`; nil where that is not known.
  func definitions(since position: UInt64) -> Changes? {
    state.withLock { state in
      state.last.knows(since: position) ? state.last.definitions(since: position) : nil
    }
  }

  /// From where on changes are known.
  var floor: UInt64 { state.withLock { $0.last.floor } }

  /// Takes over from the log what happened behind `first` up to `last`.
  func extendBack(to first: UInt64, through last: UInt64, _ changes: Changes) {
    state.withLock { $0.last.extendBack(to: first, through: last, changes) }
  }

  // MARK: Announcing

  /// Announces a batch that the store has.
  func publish(_ written: ChangeSet, catalogue: Catalogue) {
    publish(
      pools: written.changedPools ?? Array(written.pools.keys),
      resources: written.resources.lazy.map(\.id),
      products: written.products.lazy.map(\.id), position: written.counters.nextSequence - 1,
      catalogue)
  }

  /// Announces what others wrote, up to `position`.
  func publish(_ changes: Changes, position: UInt64, catalogue: Catalogue) {
    publish(
      pools: changes.pools, resources: changes.resources, products: changes.products,
      position: position, catalogue)
  }

  private func publish(
    pools: some Sequence<PoolKey>, resources: some Collection<String>,
    products: some Collection<String>, position: UInt64, _ catalogue: Catalogue
  ) {
    let told = state.withLock { state in
      var told: [UInt64: ChangeSubscription] = [:]
      for pool in pools {
        state.last.note(pool, at: position)
        stamps.note(pool, position)
        for (id, range) in state.interested[pool.resourceID] ?? [:]
        where range.contains(pool.ordinal) {
          guard let subscription = state.subscribers[id] else { continue }
          subscription.add(pool)
          told[id] = subscription
        }
      }
      if !resources.isEmpty || !products.isEmpty {
        show(catalogue, &state)
        for resource in resources { state.last.note(resource: resource, at: position) }
        for product in products { state.last.note(product: product, at: position) }
        let changes = Changes(resources: Set(resources), products: Set(products))
        for subscription in state.subscribers.values { subscription.add(changes) }
        told = state.subscribers
      }
      state.last.advance(to: position)
      lastPosition.store(position, ordering: .releasing)
      return told
    }
    for subscription in told.values { subscription.nudge() }
  }

  /// Announces that the store was read anew: anything may be different.
  func publishAnew(position: UInt64, catalogue: Catalogue) {
    let subscribers = state.withLock { state in
      state.last.forget(at: position)
      show(catalogue, &state)
      stamps.noteAll(position)
      lastPosition.store(position, ordering: .releasing)
      for subscription in state.subscribers.values { subscription.add(Changes(everything: true)) }
      return state.subscribers
    }
    for subscription in subscribers.values { subscription.nudge() }
  }

  private func show(_ catalogue: Catalogue, _ state: inout State) {
    state.catalogue = catalogue
    lastRevision.store(catalogue.revision, ordering: .releasing)
  }

  /// Ends every subscription, and lets none begin: the engine goes down.
  func close() {
    let subscribers = state.withLock { state in
      state.isClosed = true
      return state.subscribers
    }
    for subscription in subscribers.values { subscription.close() }
  }
}

extension ChangeHub.State {
  fileprivate mutating func forgetInterest(of id: UInt64) {
    guard let interest = interests.removeValue(forKey: id) else { return }
    for resource in interest.ranges.keys {
      interested[resource]?[id] = nil
      if interested[resource]?.isEmpty == true { interested[resource] = nil }
    }
  }
}
