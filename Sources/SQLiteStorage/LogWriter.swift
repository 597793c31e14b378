import Capacity
import CapacityEngine

/// Writes checkpoints and deletes the events that they cover.
final class LogWriter {
  private let connection: Connection
  private let row: Statement
  private let pool: Statement
  private let delete: Statement
  private let count: Statement

  init(path: String) throws(StorageError) {
    connection = try Connection(path: path, .writing, busyMilliseconds: 5000)
    // Moving pages into the database is the background's.
    try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;")
    row = try connection.prepare(
      "UPDATE log_checkpoint SET sequence = ?, last_reservation = ? WHERE id = 0")
    pool = try connection.prepare(
      """
      INSERT INTO checkpoint_pool VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET held = excluded.held, consumed = excluded.consumed, revision = excluded.revision
      """)
    delete = try connection.prepare(
      """
      DELETE FROM event WHERE sequence IN (
        SELECT sequence FROM event WHERE sequence <= (SELECT sequence FROM log_checkpoint)
        ORDER BY sequence LIMIT ?)
      """)
    count = try connection.prepare("SELECT changes()")
  }

  func write(_ checkpoint: LogCheckpoint, _ balances: [PoolKey: Pool]) throws(StorageError) {
    try connection.transaction { () throws(StorageError) in
      for (key, balance) in balances.sorted(by: { $0.key < $1.key }) {
        try write(balance, at: key)
      }
      try row.run { values in
        values.bind(1, checkpoint.sequence)
        values.bind(2, checkpoint.lastReservation)
      }
    }
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    var deleted: Int64 = 0
    try connection.transaction { () throws(StorageError) in
      try delete.run { values in values.bind(1, Int64(limit)) }
      try count.query { (row) throws(StorageError) in deleted = row.int(0) }
    }
    return Int(deleted)
  }

  private func write(_ balance: Pool, at key: PoolKey) throws(StorageError) {
    try pool.run(lending: Array(key.resourceID.utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key.ordinal)
      values.bind(3, balance.held)
      values.bind(4, balance.consumed)
      values.bind(5, balance.revision)
    }
  }
}
