package import Capacity

/// What became durable, for those who follow it and for those who come back.
extension Engine {
  /// Subscribes to durable changes; see ``ChangeHub/subscribe()``.
  package func subscribe() throws(EngineError) -> ChangeSubscription { try hub.subscribe() }

  /// The last event that subscribers have been told of.
  package var position: UInt64 { hub.position }

  /// The definitions that changed behind `position`; nil where that is no longer, or not yet, known.
  package func definitionsChanged(since position: UInt64) -> Changes? {
    hub.definitions(since: position)
  }

  /// Those of `pools` that changed behind `position`; nil where that is no longer, or not yet, known.
  package func changed(since position: UInt64, among pools: [PoolKey]) -> [PoolKey]? {
    var changed: [PoolKey] = []
    // In portions, for the lane's changes wait for one.
    for start in stride(from: 0, to: pools.count, by: 1_000) {
      let part = pools[start..<min(start + 1_000, pools.count)]
      guard let found = hub.changed(since: position, among: part) else { return nil }
      changed += found
    }
    return changed
  }

  /// Makes what changed behind `position` known where the log still has it and it is not too much. It is read once for all
  /// who ask; two who ask at the same time both read it.
  /// - Returns: false where it cannot be known any more, and for a position ahead of the log.
  package func recall(since position: UInt64) async throws(EngineError) -> Bool {
    guard position <= hub.position else { return false }
    let floor = hub.floor
    guard floor > position else { return true }
    guard floor - position <= UInt64(ChangeHub.recalledMax) else { return false }
    var changes = Changes()
    var last = position
    while last < floor {
      let page = try await self.events.page(after: last, limit: EventFeed.pageMax)
      // What retention has taken away cannot be told.
      guard case .events(let events) = page, let end = events.last?.sequence else { return false }
      // Those behind the floor are known; that they are added here does no harm.
      for event in events { changes.insert(event) }
      guard !changes.everything else { return false }
      last = end
    }
    hub.extendBack(to: position, through: last, changes)
    return hub.floor <= position
  }
}
