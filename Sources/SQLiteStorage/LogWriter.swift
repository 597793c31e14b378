import Capacity
import CapacityEngine

/// Writes checkpoints, deletes the events that they cover, and appends to the system's chain of the audit log.
final class LogWriter {
  private let connection: Connection
  private let row: Statement
  private let pool: Statement
  private let delete: Statement
  private let count: Statement
  private let audit: AuditWriter
  private let storedAudit: StoredAudit

  init(_ file: ServedFile) throws(StorageError) {
    connection = try Connection.besideTheLane(file)
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
    audit = try AuditWriter(connection)
    storedAudit = try StoredAudit(connection)
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

  // The head is read in the transaction: it is the store that says what comes next.
  func append(_ records: [AuditRecord]) throws(StorageError) {
    try connection.transaction { () throws(StorageError) in
      let chain = AuditChain.system(0)
      var head = try storedAudit.heads()[chain] ?? AuditHead()
      for record in records {
        try audit.write(try AuditSeal.entry(record, in: chain, onto: &head))
      }
      try audit.write(head, of: chain)
    }
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
