package import Capacity
package import CapacityEngine

/// A store in memory: for tests, for simulation, and for a server that may forget.
///
/// Not for production: nothing survives the process. The one thing to know: the data lives in the `MemoryStore`, so a
/// test crashes and restarts a server by making a second `MemoryStorage` on the same one.
package final class MemoryStorage: Storage {
  private let store: MemoryStore
  private let owner: UInt64
  private let faults: Faults
  // The clock of a store that is shared.
  private let clock: (@Sendable () -> Instant)?
  // Of a unit of work that reads one state of a shared store.
  private var snapshot: MemoryContents?

  /// Opens `store`.
  ///
  /// - Throws: `inUse` while another `MemoryStorage` has it.
  package convenience init(
    _ store: MemoryStore, faults: Faults = Faults()
  ) throws(StorageError) {
    try self.init(store, faults, clock: nil)
  }

  /// Opens `store` beside others that share it, as a node of several.
  ///
  /// - Parameter clock: the store's own.
  /// - Throws: `inUse` while a `MemoryStorage` that does not share has it.
  package convenience init(
    sharing store: MemoryStore, faults: Faults = Faults(),
    clock: @escaping @Sendable () -> Instant
  ) throws(StorageError) {
    try self.init(store, faults, clock: clock)
  }

  private init(
    _ store: MemoryStore, _ faults: Faults, clock: (@Sendable () -> Instant)?
  ) throws(StorageError) {
    guard let owner = store.open(sharing: clock != nil) else {
      throw StorageError(.inUse, "this memory is being served by another storage")
    }
    self.store = store
    self.owner = owner
    self.faults = faults
    self.clock = clock
  }

  deinit { store.letGo(owner) }

  package var ownership: StorageOwnership { clock == nil ? .exclusive : .shared }

  package func identity() throws(StorageError) -> StoreIdentity {
    _ = try faults.meet(.identity)
    return store.identity
  }

  // MARK: Units of work

  package func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    try begin(.writingAlone, reading: names, after: StoreCounters(nextSequence: .max))
  }

  package func begin(
    _ access: StorageAccess, reading names: RecordNames, after known: StoreCounters
  ) throws(StorageError) -> any UnitOfWork {
    _ = try faults.meet(.begin)
    let unit = MemoryUnitOfWork(self, store, owner: owner, faults)
    guard let clock else {
      unit.records = look { $0.records(names) }
      return unit
    }
    switch access {
    case .reading: snapshot = store.snapshot
    case .writing(let lanes, let withAudit):
      // What is committed here is committed at once: who has the chain of the audit log to itself has everything.
      unit.lanes = withAudit ? store.look { $0.counters.allLanes } : lanes
      try lock(unit.lanes)
    }
    unit.isOpen = true
    unit.records = look { $0.records(names) }
    unit.news = look { contents in
      StorageNews(
        counters: contents.counters, now: clock(),
        page: contents.events(after: StorageNews.start(known), limit: StorageNews.pageMax),
        after: known)
    }
    return unit
  }

  package func beginOptimistic() throws(StorageError) -> (any OptimisticWork)? {
    _ = try faults.meet(.begin)
    return MemoryOptimisticWork(store, owner: owner, faults)
  }

  private static let lockTriesMax = 50_000

  // Nodes on one thread never meet here; those with a thread of their own do.
  private func lock(_ lanes: LaneSet) throws(StorageError) {
    for _ in 0..<MemoryStorage.lockTriesMax {
      if try store.lock(lanes, for: owner) { return }
      Pause.sleep(microseconds: 100)
    }
    throw StorageError(.unavailable, "another node does not let go of the lane")
  }

  func endUnit(_ lanes: LaneSet) {
    snapshot = nil
    if clock != nil { store.unlock(lanes, by: owner) }
  }

  /// As if the process of this one had died, wherever it was: what it locked is free, and it can write no more.
  package func abandon() {
    store.letGo(owner)
  }

  package func onNews(_ told: @escaping @Sendable (_ position: UInt64) -> Void) {
    store.listen(owner, told)
  }

  // MARK: Reading

  func look<Result: Sendable>(_ work: @Sendable (borrowing MemoryContents) -> Result) -> Result {
    if let snapshot { return work(snapshot) }
    return store.look(work)
  }

  package func counters() throws(StorageError) -> StoreCounters {
    _ = try faults.meet(.lane)
    return look { $0.counters }
  }

  package func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    _ = try faults.meet(.catalogue)
    return look { contents in
      (
        contents.resources.values.sorted { $0.id < $1.id },
        contents.products.values.sorted { $0.id < $1.id }
      )
    }
  }

  package func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    _ = try faults.meet(.pools)
    return look { $0.pools(after: key, limit: limit) }
  }

  package func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    _ = try faults.meet(.reservations)
    return look { $0.reservations(after: number, limit: limit, holdingOnly: holdingOnly) }
  }

  package func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    _ = try faults.meet(.reservations)
    return look {
      $0.reservations(before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
    }
  }

  package func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    _ = try faults.meet(.events)
    return look { $0.events(after: sequence, limit: limit) }
  }

  package func checkpoint() throws(StorageError) -> LogCheckpoint {
    look { $0.checkpoint }
  }

  package func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    look { $0.balances(after: key, limit: limit) }
  }

  package func closedKeptFrom() throws(StorageError) -> Instant? {
    look { $0.closedKeptFrom }
  }

  package func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    look { $0.adjustmentKeys(after: key, limit: limit) }
  }

  package func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    look { $0.auditHeads }
  }

  package func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    look { $0.auditEntries(of: chain, after: sequence, limit: limit) }
  }

  package var openLog: EventLogOpener {
    let (store, owner, faults) = (store, owner, faults)
    return { MemoryEventLog(store, owner: owner, faults) }
  }

  package func close() {
    store.letGo(owner)
  }
}
