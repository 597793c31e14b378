import Capacity
import CapacityEngine

/// The log, over a connection of its own. Several nodes may shorten it: a checkpoint takes the place of the one that its writer
/// counted on from, and of no other.
final class PostgresEventLog: EventLog {
  private let link: Link
  private let schema: String
  // Which of the system's chains is this writer's, for as long as the connection lasts.
  private var slot: (number: Int, connection: Connection)?

  init(_ settings: ConnectionSettings) {
    link = Link(settings)
    schema = settings.schema
  }

  private func stored() throws(StorageError) -> StoredRecords {
    StoredRecords(connection: try link.use())
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    do throws(StorageError) {
      return try stored().events(after: sequence, limit: limit)
    } catch {
      // Nobody may have used it for long: that it was lost meanwhile shows only now.
      guard link.isLost else { throw error }
      return try stored().events(after: sequence, limit: limit)
    }
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    try TrimmedLog(connection: try link.use()).bytes(after: sequence, through: last)
  }

  func poolsWrittenTo() throws(StorageError) -> UInt64 {
    try stored().counters().poolsWrittenTo
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint {
    try stored().checkpoint()
  }

  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool] {
    let names = Array(keys)
    var values = Values()
    values.append(names.map(\.resourceID))
    values.append(names.map(\.ordinal))
    let rows = try link.use().exchange([Query(Self.balanceRows, values)])
    var balances: [PoolKey: Pool] = [:]
    for row in 0..<rows[0].count {
      let entry = try StoredRecords.pool(rows[0], row)
      balances[entry.key] = entry.pool
    }
    return balances
  }

  func write(
    _ checkpoint: LogCheckpoint, replacing previous: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError) {
    let connection = try link.use()
    var values = Values()
    values.append(checkpoint.sequence)
    values.append(checkpoint.lastReservation)
    values.append(previous.sequence)
    do throws(StorageError) {
      let rows = try connection.exchange([
        Query(Transaction.begin), Query(Self.moveCheckpoint, values),
      ])
      guard rows[1].affected == 1 else {
        throw StorageError(.conflict, "another node has moved the log's beginning")
      }
      let balanceRows =
        balances.isEmpty ? [] : [BatchStatements.pools(balances, into: Self.upsertBalances)]
      _ = try connection.exchange(balanceRows + [Query(Transaction.commit)])
    } catch {
      rollBack(connection)
      throw error
    }
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    let connection = try link.use()
    do throws(StorageError) {
      return try TrimmedLog(connection: connection).trim(limit: limit)
    } catch {
      rollBack(connection)
      throw error
    }
  }

  func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    let connection = try link.use()
    do throws(StorageError) {
      return try ClosedReservations(connection: connection)
        .forget(before: instant, after: number, limit: limit)
    } catch {
      rollBack(connection)
      throw error
    }
  }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    try StoredAudit(connection: link.use()).heads()
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    try StoredAudit(connection: link.use())
      .entries(of: chain, after: sequence, limit: limit)
  }

  // Should two writers have one chain all the same, they wait for each other.
  func append(_ records: [AuditRecord]) throws(StorageError) {
    let connection = try link.use()
    let chain = AuditChain.system(try slot(on: connection))
    do throws(StorageError) {
      let rows = try connection.exchange([
        Query(Transaction.begin), AuditStatements.make(chain), AuditStatements.lock(chain),
      ])
      var head = AuditHead(
        sequence: try rows[2].uint(0, 0), hash: AuditHash(text: try rows[2].text(0, 1)) ?? .zero)
      var entries: [AuditEntry] = []
      for record in records {
        entries.append(try AuditSeal.entry(record, in: chain, onto: &head))
      }
      _ = try connection.exchange([
        try AuditStatements.insert(entries), AuditStatements.update(head, of: chain),
        Query(Transaction.commit),
      ])
    } catch {
      rollBack(connection)
      throw error
    }
  }

  private func slot(on connection: Connection) throws(StorageError) -> Int {
    if let slot, slot.connection === connection { return slot.number }
    for number in 0..<AuditStatements.slotsMax {
      let taken = try connection.exchange([AuditStatements.take(slot: number, schema)])
      guard try taken[0].int(0, 0) == 1 else { continue }
      slot = (number, connection)
      return number
    }
    return 0
  }

  private func rollBack(_ connection: Connection) {
    guard !connection.isBroken, connection.isInTransaction else { return }
    // The error that matters is the first.
    _ = try? connection.exchange([Query(Transaction.rollBack)])
  }

  // MARK: Statements

  private static let balanceRows = Statement(
    "balance_rows",
    """
    SELECT pool.resource_id, pool.ordinal, held, consumed, revision
    FROM unnest($1::text[], $2::int8[]) AS name (resource_id, ordinal)
    JOIN checkpoint_pool AS pool
      ON pool.resource_id = name.resource_id COLLATE "C" AND pool.ordinal = name.ordinal
    """)

  private static let moveCheckpoint = Statement(
    "move_checkpoint",
    """
    UPDATE log_checkpoint SET sequence = $1::int8, last_reservation = $2::int8
    WHERE id = 0 AND sequence = $3::int8
    """)

  private static let upsertBalances = Statement(
    "upsert_balances",
    """
    INSERT INTO checkpoint_pool (resource_id, ordinal, held, consumed, revision)
    SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
    ON CONFLICT (resource_id, ordinal) DO UPDATE
    SET held = excluded.held, consumed = excluded.consumed, revision = excluded.revision
    """)
}
