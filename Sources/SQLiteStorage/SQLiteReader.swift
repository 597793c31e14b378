package import Capacity
package import CapacityEngine

/// Reads a store without the right to write to it, also while a server serves it.
package final class SQLiteReader: StoredContents {
  private let stored: StoredRecords
  private let storedCheckpoint: StoredCheckpoint
  private let storedKeys: StoredKeys
  private let storedAudit: StoredAudit

  /// Opens the store at `path`, which must exist.
  ///
  /// - Throws: `corrupt` for a file that is no store of this version, `unavailable` where it cannot be opened.
  package static func open(path: String) throws(StorageError) -> SQLiteReader {
    try Schema.check(path: path)
    let connection = try Connection(path: path, .reading, busyMilliseconds: 5000)
    return try SQLiteReader(connection)
  }

  /// Whether a server has the store at `path` just now.
  package static func isServed(path: String) -> Bool {
    StoreLock.isTaken(path: path)
  }

  private init(_ connection: Connection) throws(StorageError) {
    stored = try StoredRecords(connection)
    storedCheckpoint = try StoredCheckpoint(connection)
    storedKeys = try StoredKeys(connection)
    storedAudit = try StoredAudit(connection)
  }

  /// Runs `body` on one state of the store, whatever the server writes meanwhile. The log cannot be emptied until it
  /// returns, so the server's file grows.
  package func snapshot<Result>(
    _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try stored.snapshot(body)
  }

  /// See ``StoredContents/identity()``.
  package func identity() throws(StorageError) -> StoreIdentity {
    try stored.identity()
  }

  /// See ``StoredLedger/lane()``.
  package func counters() throws(StorageError) -> StoreCounters {
    try stored.counters()
  }

  /// See ``StoredContents/catalogue()``.
  package func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    try stored.catalogue()
  }

  /// See ``StoredLedger/pools(after:limit:)``.
  package func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try stored.pools(after: key, limit: limit)
  }

  /// See ``StoredLedger/reservations(after:limit:holdingOnly:)``.
  package func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try stored.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  /// See ``StoredLedger/events(after:limit:)``.
  package func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    try stored.events(after: sequence, limit: limit)
  }

  /// See ``StoredLedger/checkpoint()``.
  package func checkpoint() throws(StorageError) -> LogCheckpoint {
    try storedCheckpoint.checkpoint()
  }

  /// See ``StoredLedger/balances(after:limit:)``.
  package func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try storedCheckpoint.balances(after: key, limit: limit)
  }

  /// See ``StoredLedger/closedKeptFrom()``.
  package func closedKeptFrom() throws(StorageError) -> Instant? {
    try storedCheckpoint.closedKeptFrom()
  }

  /// See ``StoredContents/adjustmentKeys(after:limit:)``.
  package func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    try storedKeys.page(after: key, limit: limit)
  }

  /// See ``AuditLog/auditHeads()``.
  package func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    try storedAudit.heads()
  }

  /// See ``AuditLog/auditEntries(of:after:limit:)``.
  package func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    try storedAudit.entries(of: chain, after: sequence, limit: limit)
  }
}
