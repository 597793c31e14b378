package import Capacity
package import CapacityEngine

/// The embedded store: one SQLite file that one process serves.
///
/// Not for rules, and not for several writers. The one thing to know: a commit is one transaction with one fsync of the
/// write-ahead log (`synchronous = FULL`); whatever else SQLite would do on that path, checkpoints first of all, happens
/// elsewhere. GRDB creates and migrates; reading and writing goes through statements of our own.
package final class SQLiteStorage: Storage {
  // Nil once closed.
  private var store: OpenStore?

  /// Opens the store at `path`, or makes one where there is none; its folder must exist.
  ///
  /// - Parameter newIdentity: what a new store is given; one that exists keeps its own.
  /// - Throws: `inUse` where another process serves it, `corrupt` for a file that is no store or one of a newer version,
  ///   `unavailable` where it cannot be opened.
  package static func open(
    path: String, newIdentity: StoreIdentity
  ) throws(StorageError) -> SQLiteStorage {
    try open(path: path, newIdentity: newIdentity, policy: nil)
  }

  static func open(
    path: String, newIdentity: StoreIdentity, policy: CheckpointPolicy?
  ) throws(StorageError) -> SQLiteStorage {
    SQLiteStorage(try OpenStore(path: path, newIdentity: newIdentity, policy: policy))
  }

  private init(_ store: OpenStore) {
    self.store = store
  }

  package var ownership: StorageOwnership { .exclusive }

  package func identity() throws(StorageError) -> StoreIdentity {
    try use().stored.identity()
  }

  package func counters() throws(StorageError) -> StoreCounters {
    try use().stored.counters()
  }

  package func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    try SQLiteUnitOfWork(self, reading: names)
  }

  package func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    try use().stored.catalogue()
  }

  package func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try use().stored.pools(after: key, limit: limit)
  }

  package func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try use().stored.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  package func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    let store = try use()
    return try store.stored.lists.reservations(
      before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly, store.keys)
  }

  package func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    try use().stored.events(after: sequence, limit: limit)
  }

  package func checkpoint() throws(StorageError) -> LogCheckpoint {
    try use().checkpoint.checkpoint()
  }

  package func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try use().checkpoint.balances(after: key, limit: limit)
  }

  package func closedKeptFrom() throws(StorageError) -> Instant? {
    try use().checkpoint.closedKeptFrom()
  }

  package func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    try use().adjustmentKeys.page(after: key, limit: limit)
  }

  package func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    try use().audit.heads()
  }

  package func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    try use().audit.entries(of: chain, after: sequence, limit: limit)
  }

  package var openLog: EventLogOpener {
    let file = store?.file ?? ServedFile(path: "")
    return { () throws(StorageError) in try SQLiteEventLog(file) }
  }

  package func close() {
    store = nil
  }

  func records(_ names: RecordNames) throws(StorageError) -> Records {
    let store = try use()
    return try store.stored.records(names, store.keys)
  }

  /// - Parameter newKeys: keys that are known not to be there.
  func commit(_ changes: ChangeSet, newKeys: [IdempotencyKey]) throws(StorageError) {
    let store = try use()
    try store.keys.refuse(changes.keys, butFor: newKeys)
    do throws(StorageError) {
      try store.writer.write(changes)
    } catch {
      store.keys.forgetRecent()
      throw error
    }
    store.keys.add(changes.reservations)
    store.boundLog()
  }

  /// What is open; tests reach through it for conditions that only SQLite knows.
  func use() throws(StorageError) -> OpenStore {
    guard let store else { throw StorageError(.unavailable, "the store is closed") }
    return store
  }
}
