package import Capacity
package import CapacityEngine

/// A store on PostgreSQL that any number of nodes share.
///
/// Not for rules. The one thing to know: a batch is one transaction under the locks of its lanes' rows, which at its very end appends to
/// the log under the lock of the log's row. So sequences have no gaps, commits are in their order, and what a node knows of a lane when
/// it has the lock stays true until it lets go. Everything else follows from that; see docs/adr/0013 and 0027.
package final class PostgresStorage: Storage {
  private let settings: ConnectionSettings
  private let link: Link
  private let writeLink: WriteLink
  private let pools = PoolRows()
  private var herald: Herald?

  /// Opens the store, or makes one where there is none.
  ///
  /// - Parameter newIdentity: what a new store is given; one that exists keeps its own. Nil: it must exist, with tables of
  ///   this version.
  /// - Throws: `corrupt` for tables of a newer version, `unavailable` where the database cannot be reached.
  package static func open(
    _ settings: ConnectionSettings, newIdentity: StoreIdentity?
  ) throws(StorageError) -> PostgresStorage {
    if let newIdentity { try Schema.prepare(settings, newIdentity: newIdentity) }
    let storage = PostgresStorage(settings)
    try storage.link.open()
    if newIdentity == nil { try Schema.check(try storage.link.use()) }
    return storage
  }

  private init(_ settings: ConnectionSettings) {
    self.settings = settings
    link = Link(settings)
    writeLink = WriteLink(settings)
  }

  package var ownership: StorageOwnership { .shared }

  package func identity() throws(StorageError) -> StoreIdentity {
    try stored().identity()
  }

  // MARK: Units of work

  package func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    try begin(.writingAlone, reading: names, after: StoreCounters(nextSequence: .max))
  }

  package func begin(
    _ access: StorageAccess, reading names: RecordNames, after known: StoreCounters
  ) throws(StorageError) -> any UnitOfWork {
    try PostgresUnitOfWork(
      try link.use(), access, reading: names, after: known, pools: pools,
      committed: { [herald] in herald?.tell($0) })
  }

  package func beginOptimistic() throws(StorageError) -> (any OptimisticWork)? {
    PostgresOptimisticWork(writeLink, pools: pools, committed: { [herald] in herald?.tell($0) })
  }

  package func onNews(_ told: @escaping @Sendable (_ position: UInt64) -> Void) {
    herald = Herald(settings, told: told)
  }

  // MARK: Reading

  private func stored() throws(StorageError) -> StoredRecords {
    StoredRecords(connection: try link.use())
  }

  package func counters() throws(StorageError) -> StoreCounters {
    try stored().counters()
  }

  package func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    try stored().catalogue()
  }

  package func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try stored().pools(after: key, limit: limit)
  }

  package func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try stored().reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  package func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try stored().reservations(
      before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
  }

  package func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    try stored().events(after: sequence, limit: limit)
  }

  package func checkpoint() throws(StorageError) -> LogCheckpoint {
    try stored().checkpoint()
  }

  package func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try stored().balances(after: key, limit: limit)
  }

  package func closedKeptFrom() throws(StorageError) -> Instant? {
    try stored().closedKeptFrom()
  }

  package func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    try stored().adjustmentKeys(after: key, limit: limit)
  }

  package func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    try StoredAudit(connection: link.use()).heads()
  }

  package func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    try StoredAudit(connection: link.use())
      .entries(of: chain, after: sequence, limit: limit)
  }

  /// Whether a server is at work on the store. One that has just ended is not taken for one.
  package func isServed() throws(StorageError) -> Bool {
    try ServingLock.isTaken(try link.use())
  }

  package var openLog: EventLogOpener {
    let settings = settings
    return { () throws(StorageError) in PostgresEventLog(settings) }
  }

  package func close() {
    herald?.stop()
    herald = nil
    link.close()
    writeLink.close()
  }
}
