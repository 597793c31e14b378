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

  /// Opens `store`.
  ///
  /// - Throws: `inUse` while another `MemoryStorage` has it.
  package init(_ store: MemoryStore, faults: Faults = Faults()) throws(StorageError) {
    guard let owner = store.open() else {
      throw StorageError(.inUse, "this memory is being served by another storage")
    }
    self.store = store
    self.owner = owner
    self.faults = faults
  }

  deinit { store.letGo(owner) }

  package var ownership: StorageOwnership { .exclusive }

  package func identity() throws(StorageError) -> StoreIdentity {
    _ = try faults.meet(.identity)
    return store.identity
  }

  package func lane() throws(StorageError) -> LaneState {
    _ = try faults.meet(.lane)
    return store.lane()
  }

  package func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    _ = try faults.meet(.begin)
    return MemoryUnitOfWork(store, owner: owner, faults, store.records(names))
  }

  package func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    _ = try faults.meet(.catalogue)
    return store.catalogue()
  }

  package func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    _ = try faults.meet(.pools)
    return store.pools(after: key, limit: limit)
  }

  package func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    _ = try faults.meet(.reservations)
    return store.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  package func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    _ = try faults.meet(.reservations)
    return store.reservations(
      before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
  }

  package func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    _ = try faults.meet(.events)
    return store.events(after: sequence, limit: limit)
  }

  package func checkpoint() throws(StorageError) -> LogCheckpoint {
    store.look { $0.checkpoint }
  }

  package func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    store.balances(after: key, limit: limit)
  }

  package func closedKeptFrom() throws(StorageError) -> Instant? {
    store.look { $0.closedKeptFrom }
  }

  package func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    store.adjustmentKeys(after: key, limit: limit)
  }

  package var openLog: EventLogOpener {
    let (store, owner, faults) = (store, owner, faults)
    return { MemoryEventLog(store, owner: owner, faults) }
  }

  package func close() {
    store.letGo(owner)
  }
}
