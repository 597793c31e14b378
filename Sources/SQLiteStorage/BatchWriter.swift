import Capacity
import CapacityEngine

/// Writes change sets, each in one transaction. The hot path: statements are prepared once, bytes are encoded into one
/// buffer that stays.
final class BatchWriter {
  private let connection: Connection
  private let begin: Statement
  private let end: Statement
  private let lane: Statement
  private let resource: Statement
  private let product: Statement
  private let pool: Statement
  private let reservation: Statement
  private let event: Statement
  private let adjustmentKey: Statement
  private let laneAudit: Statement
  private let audit: AuditWriter
  private let holding: HoldingWriter
  private var bytes: [UInt8] = []

  init(_ connection: Connection) throws(StorageError) {
    self.connection = connection
    begin = try connection.prepare("BEGIN IMMEDIATE")
    end = try connection.prepare("COMMIT")
    lane = try connection.prepare(
      """
      UPDATE lane SET next_reservation = ?, next_sequence = ?, last_decision = ?,
        pools_written_to = ? WHERE id = 0
      """)
    resource = try connection.prepare(BatchWriter.catalogueRow("resource"))
    product = try connection.prepare(BatchWriter.catalogueRow("product"))
    pool = try connection.prepare(
      """
      INSERT INTO pool VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET held = excluded.held, consumed = excluded.consumed, revision = excluded.revision
      """)
    reservation = try connection.prepare(
      """
      INSERT INTO reservation VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
      SET holding = excluded.holding, expires_at = excluded.expires_at, body = excluded.body
      """)
    event = try connection.prepare("INSERT INTO event VALUES (?, ?, ?, ?)")
    adjustmentKey = try connection.prepare("INSERT INTO adjustment_key VALUES (?, ?, ?)")
    laneAudit = try connection.prepare(
      "UPDATE lane SET audit_sequence = ?, audit_hash = ? WHERE id = 0")
    audit = try AuditWriter(connection)
    holding = try HoldingWriter(connection)
  }

  private static func catalogueRow(_ table: String) -> String {
    """
    INSERT INTO \(table) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
    SET version = excluded.version, body = excluded.body
    """
  }

  /// Writes all of `changes` durably, or nothing.
  func write(_ changes: ChangeSet) throws(StorageError) {
    connection.beginTurn()
    defer { connection.endTurn() }
    try begin.run()
    do throws(StorageError) {
      let pages = try writeRows(changes)
      try end.run()
      holding.keep(pages)
    } catch {
      holding.forget()
      rollBack()
      throw error
    }
  }

  // A full disk or an I/O error may have ended the transaction already.
  private func rollBack() {
    guard connection.isInTransaction else { return }
    // Should even this fail, the next BEGIN says so.
    try? connection.execute("ROLLBACK")
  }

  // Answers what holds then.
  private func writeRows(_ changes: ChangeSet) throws(StorageError) -> HoldingWriter.Pages {
    try write(changes.counters)
    for changed in changes.resources {
      try write(changed.id, changed.version, try RecordCodec.encode(changed), resource)
    }
    for changed in changes.products {
      try write(changed.id, changed.version, try RecordCodec.encode(changed), product)
    }
    // In the order of the tables, so that neighbours share pages.
    for (key, value) in changes.pools.sorted(by: { $0.key < $1.key }) { try write(value, at: key) }
    var encoded = EncodedReservations(changes.reservations)
    let reservations = changes.reservations.span
    for index in reservations.indices { try write(reservations[index], &encoded) }
    let pages = try holding.write(changes.reservations)
    // Those of reservations are in the reservations.
    for index in changes.keys.indices where !changes.keys[index].key.isOfReservation {
      try write(changes.keys[index].key, changes.keys[index].number)
    }
    let events = changes.events.span
    for index in events.indices { try write(events[index], encoded) }
    // Seldom any.
    guard !changes.audit.isEmpty || !changes.auditEnds.isEmpty else { return pages }
    for entry in changes.audit { try audit.write(entry) }
    for (chain, end) in changes.auditEnds where chain != .lane { try audit.write(end, of: chain) }
    try laneAudit.run(lending: Array(changes.counters.audit.hash.text.utf8)) { values in
      values.bind(1, changes.counters.audit.sequence)
      values.bind(2, textFrom: 0)
    }
    return pages
  }

  private func write(_ state: StoreCounters) throws(StorageError) {
    try lane.run { values in
      values.bind(1, state.nextReservation)
      values.bind(2, state.nextSequence)
      values.bind(3, state.lastDecision.microseconds)
      values.bind(4, state.poolsWrittenTo)
    }
  }

  private func write(
    _ id: String, _ version: UInt64, _ body: [UInt8], _ statement: borrowing Statement
  ) throws(StorageError) {
    let border = id.utf8.count
    try statement.run(lending: Array(id.utf8) + body) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, version)
      values.bind(3, textFrom: border)
    }
  }

  private func write(_ counters: Pool, at key: PoolKey) throws(StorageError) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: key.resourceID.utf8)
    try pool.run(lending: bytes) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key.ordinal)
      values.bind(3, counters.held)
      values.bind(4, counters.consumed)
      values.bind(5, counters.revision)
    }
  }

  private func write(
    _ changed: Reservation, _ encoded: inout EncodedReservations
  ) throws(StorageError) {
    bytes.removeAll(keepingCapacity: true)
    RecordCodec.encode(changed, into: &bytes)
    encoded.append(bytes)
    try reservation.run(lending: bytes) { values in
      values.bind(1, changed.number)
      values.bind(2, changed.isHolding ? 1 : Int64(0))
      values.bind(3, changed.expiresAt.microseconds)
      values.bindBlob(4)
    }
  }

  private func write(_ name: IdempotencyKey, _ number: UInt64) throws(StorageError) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: name.buyerID.utf8)
    let border = bytes.count
    bytes.append(contentsOf: name.key.utf8)
    try adjustmentKey.run(lending: bytes) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, textFrom: border)
      values.bind(3, number)
    }
  }

  private func write(
    _ happened: Event, _ encoded: borrowing EncodedReservations
  ) throws(StorageError) {
    bytes.removeAll(keepingCapacity: true)
    var body: ArraySlice<UInt8>?
    if case .reservation(let changed) = happened.subject { body = encoded.body(of: changed) }
    try RecordCodec.encode(happened, having: body, into: &bytes)
    try event.run(lending: bytes) { values in
      values.bind(1, happened.sequence)
      values.bind(2, happened.at.microseconds)
      values.bind(3, Int64(happened.kind.rawValue))
      values.bindBlob(4)
    }
  }
}
