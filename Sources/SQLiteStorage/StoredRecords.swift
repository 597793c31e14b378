import Capacity
import CapacityEngine

/// Everything that can be read from a store, over one connection.
final class StoredRecords {
  private let connection: Connection
  private let begin: Statement
  private let end: Statement
  private let meta: Statement
  private let laneRow: Statement
  private let poolRow: Statement
  private let reservationRow: Statement
  private let adjustmentKeyRow: Statement
  private let poolPage: Statement
  private let reservationPage: Statement
  private let holding: HoldingPages
  private let eventPage: Statement
  let lists: StoredLists

  init(_ connection: Connection) throws(StorageError) {
    self.connection = connection
    begin = try connection.prepare("BEGIN")
    end = try connection.prepare("COMMIT")
    meta = try connection.prepare("SELECT value FROM meta WHERE key = ?")
    laneRow = try connection.prepare(
      """
      SELECT next_reservation, next_sequence, last_decision, audit_sequence, audit_hash,
        pools_written_to
      FROM lane WHERE id = 0
      """)
    poolRow = try connection.prepare(
      "SELECT held, consumed, revision FROM pool WHERE resource_id = ? AND ordinal = ?")
    reservationRow = try connection.prepare("SELECT body FROM reservation WHERE number = ?")
    adjustmentKeyRow = try connection.prepare(
      "SELECT number FROM adjustment_key WHERE subject = ? AND key = ?")
    poolPage = try connection.prepare(
      """
      SELECT held, consumed, revision, resource_id, ordinal FROM pool
      WHERE (resource_id, ordinal) > (?, ?) ORDER BY resource_id, ordinal LIMIT ?
      """)
    reservationPage = try connection.prepare(
      "SELECT body FROM reservation WHERE number > ? ORDER BY number LIMIT ?")
    holding = try HoldingPages(connection)
    lists = try StoredLists(connection, holding)
    eventPage = try connection.prepare(
      "SELECT body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?")
  }

  func identity() throws(StorageError) -> StoreIdentity {
    var key: UInt64?
    let name = Array("naming_key".utf8)
    try meta.query(lending: name) { values in
      values.bind(1, textFrom: 0)
    } each: { (row) throws(StorageError) in
      key = UInt64(try row.text(0), radix: 16)
    }
    guard let key else { throw StorageError(.corrupt, "the store has no naming key") }
    return StoreIdentity(namingKey: key)
  }

  func counters() throws(StorageError) -> StoreCounters {
    var counters: StoreCounters?
    try laneRow.query { (row) throws(StorageError) in
      counters = StoreCounters(
        nextReservation: row.uint(0), nextSequence: row.uint(1),
        lastDecision: Instant(microseconds: row.int(2)), poolsWrittenTo: row.uint(5),
        audit: AuditHead(sequence: row.uint(3), hash: AuditHash(text: try row.text(4)) ?? .zero))
    }
    guard let counters else { throw StorageError(.corrupt, "the store has no lane") }
    return counters
  }

  func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    var resources: [Resource] = []
    var products: [Product] = []
    try connection.prepare("SELECT body FROM resource ORDER BY id")
      .query { (row) throws(StorageError) in
        resources.append(try RecordCodec.decodeResource(row.bytes(0)))
      }
    try connection.prepare("SELECT body FROM product ORDER BY id")
      .query { (row) throws(StorageError) in
        products.append(try RecordCodec.decodeProduct(row.bytes(0)))
      }
    return (resources, products)
  }

  // MARK: By name

  /// All in one read transaction: each statement by itself would lock and unlock the file.
  func records(_ names: RecordNames, _ keys: KeyIndex) throws(StorageError) -> Records {
    guard !names.isEmpty else { return Records() }
    return try snapshot { () throws(StorageError) -> Records in
      var records = Records()
      for key in names.pools { records.pools[key] = try pool(key) }
      for number in names.reservations { records.reservations[number] = try reservation(number) }
      let asked = names.keys.span
      for index in asked.indices {
        // Nearly all are new.
        if let number = try number(of: asked[index], keys) { records.keys[asked[index]] = number }
      }
      return records
    }
  }

  /// Runs `body` on one state of the store, whatever is written meanwhile.
  func snapshot<Result>(
    _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    if connection.isInTransaction { return try body() }
    try begin.run()
    let result: Result
    do {
      result = try body()
    } catch {
      // Nothing was written, and the error that matters is the first.
      try? connection.execute("ROLLBACK")
      throw error
    }
    try end.run()
    return result
  }

  private func pool(_ key: PoolKey) throws(StorageError) -> Pool? {
    var pool: Pool?
    try poolRow.query(lending: Array(key.resourceID.utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key.ordinal)
    } each: { (row) throws(StorageError) in
      pool = StoredRecords.pool(row)
    }
    return pool
  }

  func reservation(_ number: UInt64) throws(StorageError) -> Reservation? {
    var reservation: Reservation?
    try reservationRow.query { values in
      values.bind(1, number)
    } each: { (row) throws(StorageError) in
      reservation = try RecordCodec.decodeReservation(row.bytes(0))
    }
    return reservation
  }

  private func number(
    of key: IdempotencyKey, _ keys: KeyIndex
  ) throws(StorageError) -> UInt64? {
    if key.isOfReservation { return try keys.number(of: key) }
    var number: UInt64?
    let border = key.buyerID.utf8.count
    try adjustmentKeyRow.query(lending: Array(key.buyerID.utf8) + Array(key.key.utf8)) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, textFrom: border)
    } each: { (row) throws(StorageError) in
      number = row.uint(0)
    }
    return number
  }

  // MARK: In pages

  func pools(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    var page: [(key: PoolKey, pool: Pool)] = []
    try poolPage.query(lending: Array((key?.resourceID ?? "").utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, key?.ordinal ?? .min)
      values.bind(3, Int64(limit))
    } each: { (row) throws(StorageError) in
      let key = PoolKey(resourceID: try row.text(3), ordinal: row.int(4))
      page.append((key, StoredRecords.pool(row)))
    }
    return page
  }

  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    if holdingOnly { return try holding.reservations(after: number, limit: limit) }
    var page: [Reservation] = []
    try reservationPage.query { values in
      values.bind(1, Int64(clamping: number))
      values.bind(2, Int64(limit))
    } each: { (row) throws(StorageError) in
      page.append(try RecordCodec.decodeReservation(row.bytes(0)))
    }
    return page
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    var page: [Event] = []
    try eventPage.query { values in
      values.bind(1, Int64(clamping: sequence))
      values.bind(2, Int64(limit))
    } each: { (row) throws(StorageError) in
      page.append(try RecordCodec.decodeEvent(row.bytes(0)))
    }
    return page
  }

  private static func pool(_ row: Row) -> Pool {
    Pool(held: row.int(0), consumed: row.int(1), revision: row.uint(2))
  }
}
