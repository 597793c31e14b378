import Capacity
import CapacityEngine

/// What the part of the log that may be gone adds up to, over one connection.
final class StoredCheckpoint {
  private let row: Statement
  private let poolRow: Statement
  private let poolPage: Statement
  private let keptFrom: Statement

  init(_ connection: Connection) throws(StorageError) {
    row = try connection.prepare(
      "SELECT sequence, last_reservation FROM log_checkpoint WHERE id = 0")
    poolRow = try connection.prepare(
      """
      SELECT held, consumed, revision FROM checkpoint_pool WHERE resource_id = ? AND ordinal = ?
      """)
    keptFrom = try connection.prepare("SELECT value FROM meta WHERE key = ?")
    poolPage = try connection.prepare(
      """
      SELECT held, consumed, revision, resource_id, ordinal FROM checkpoint_pool
      WHERE (resource_id, ordinal) > (?, ?) ORDER BY resource_id, ordinal LIMIT ?
      """)
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint {
    var checkpoint: LogCheckpoint?
    try row.query { (row) throws(StorageError) in
      checkpoint = LogCheckpoint(sequence: row.uint(0), lastReservation: row.uint(1))
    }
    guard let checkpoint else { throw StorageError(.corrupt, "the store has no checkpoint row") }
    return checkpoint
  }

  func closedKeptFrom() throws(StorageError) -> Instant? {
    var instant: Instant?
    try keptFrom.query(lending: Array(ClosedReservations.markName.utf8)) { values in
      values.bind(1, textFrom: 0)
    } each: { (row) throws(StorageError) in
      instant = Int64(try row.text(0)).map { Instant(microseconds: $0) }
    }
    return instant
  }

  func balance(of key: PoolKey) throws(StorageError) -> Pool? {
    var pool: Pool?
    try poolRow.query(lending: Array(key.resourceID.utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key.ordinal)
    } each: { (row) throws(StorageError) in
      pool = Pool(held: row.int(0), consumed: row.int(1), revision: row.uint(2))
    }
    return pool
  }

  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    var page: [(key: PoolKey, pool: Pool)] = []
    try poolPage.query(lending: Array((key?.resourceID ?? "").utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key?.ordinal ?? .min)
      values.bind(3, Int64(limit))
    } each: { (row) throws(StorageError) in
      let key = PoolKey(resourceID: try row.text(3), ordinal: row.int(4))
      page.append((key, Pool(held: row.int(0), consumed: row.int(1), revision: row.uint(2))))
    }
    return page
  }
}
