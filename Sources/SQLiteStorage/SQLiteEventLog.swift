import Capacity
import CapacityEngine

/// The log, over connections of its own: readers see what is committed and keep nobody waiting.
///
/// Only the retention and the system's chain of the audit log are written here, and little at once, for meanwhile the lane's commit waits. It does not sync by itself:
/// the write-ahead log keeps the order, so a crash loses a trim or a trim with its checkpoint, never a checkpoint alone,
/// and the lane's next commit syncs all that came before it.
final class SQLiteEventLog: EventLog {
  private let file: ServedFile
  private let page: Statement
  private let size: Statement
  private let writtenTo: Statement
  private let stored: StoredCheckpoint
  private let storedAudit: StoredAudit
  // Opened when there is something to write for the first time.
  private var writer: LogWriter?
  private var closed: ClosedReservations?

  init(_ file: ServedFile) throws(StorageError) {
    self.file = file
    let connection = try Connection(path: file.path, .reading, busyMilliseconds: 5000)
    page = try connection.prepare(
      "SELECT body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?")
    size = try connection.prepare(
      "SELECT coalesce(sum(length(body)), 0) FROM event WHERE sequence > ? AND sequence <= ?")
    writtenTo = try connection.prepare("SELECT pools_written_to FROM lane WHERE id = 0")
    stored = try StoredCheckpoint(connection)
    storedAudit = try StoredAudit(connection)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    var events: [Event] = []
    try page.query { values in
      values.bind(1, Int64(clamping: sequence))
      values.bind(2, Int64(limit))
    } each: { (row) throws(StorageError) in
      events.append(try RecordCodec.decodeEvent(row.bytes(0)))
    }
    return events
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    var bytes: Int64 = 0
    try size.query { values in
      values.bind(1, Int64(clamping: sequence))
      values.bind(2, Int64(clamping: last))
    } each: { (row) throws(StorageError) in
      bytes = row.int(0)
    }
    return Int(bytes)
  }

  func poolsWrittenTo() throws(StorageError) -> UInt64 {
    var sequence: UInt64 = 0
    try writtenTo.query { (row) throws(StorageError) in sequence = row.uint(0) }
    return sequence
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint {
    try stored.checkpoint()
  }

  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool] {
    var balances: [PoolKey: Pool] = [:]
    for key in keys { balances[key] = try stored.balance(of: key) }
    return balances
  }

  // Nobody else writes one.
  func write(
    _ checkpoint: LogCheckpoint, replacing previous: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError) {
    try writing().write(checkpoint, balances)
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    // Asked without the right to write first: most of the time there is nothing.
    guard let first = try events(after: 0, limit: 1).first,
      first.sequence <= (try checkpoint().sequence)
    else { return 0 }
    return try writing().trim(limit: limit)
  }

  func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    if let closed { return try closed.forget(before: instant, after: number, limit: limit) }
    let opened = try ClosedReservations(file)
    closed = opened
    return try opened.forget(before: instant, after: number, limit: limit)
  }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    try storedAudit.heads()
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    try storedAudit.entries(of: chain, after: sequence, limit: limit)
  }

  func append(_ records: [AuditRecord]) throws(StorageError) {
    try writing().append(records)
  }

  private func writing() throws(StorageError) -> LogWriter {
    if let writer { return writer }
    let opened = try LogWriter(file)
    writer = opened
    return opened
  }
}
