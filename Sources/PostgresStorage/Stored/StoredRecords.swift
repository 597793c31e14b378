import Capacity
import CapacityEngine

/// What is read by name or in pages, over one connection.
struct StoredRecords {
  let connection: Connection

  private func run(_ statement: Statement, _ values: Values = Values()) throws(StorageError) -> Rows
  {
    let rows = try connection.exchange([Query(statement, values)])
    return rows[0]
  }

  func identity() throws(StorageError) -> StoreIdentity {
    let rows = try run(Self.meta)
    guard rows.count == 1, let key = UInt64(try rows.text(0, 0), radix: 16) else {
      throw StorageError(.corrupt, "the store has no naming key")
    }
    return StoreIdentity(namingKey: key)
  }

  func counters() throws(StorageError) -> StoreCounters {
    try Self.counters(try run(Self.laneRows))
  }

  /// The row of a lane; row 0 is the log's, which all lanes append to.
  static func id(ofLane lane: Int) -> Int64 { Int64(lane + 1) }

  static func counters(_ rows: Rows) throws(StorageError) -> StoreCounters {
    guard rows.count > 1, rows.count <= LaneSet.countMax + 1 else {
      throw StorageError(.corrupt, "the store has \(rows.count - 1) lanes")
    }
    var nextReservation: UInt64 = 1
    var marks: [LaneMark] = []
    for row in 0..<rows.count {
      guard try rows.int(row, 0) == Int64(row) else {
        throw StorageError(.corrupt, "lane \(row) is missing")
      }
      guard row > 0 else { continue }
      nextReservation = max(nextReservation, try rows.uint(row, 1))
      marks.append(
        LaneMark(
          lastSequence: try rows.uint(row, 2) &- 1,
          lastDecision: Instant(microseconds: try rows.int(row, 3)),
          poolsWrittenTo: try rows.uint(row, 6)))
    }
    return StoreCounters(
      nextReservation: nextReservation, nextSequence: try rows.uint(0, 2),
      audit: AuditHead(
        sequence: try rows.uint(0, 4), hash: AuditHash(text: try rows.text(0, 5)) ?? .zero),
      marks: marks)
  }

  func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    let rows = try connection.exchange([Query(Self.resources), Query(Self.products)])
    var resources: [Resource] = []
    var products: [Product] = []
    for row in 0..<rows[0].count {
      resources.append(try RecordCodec.decodeResource(rows[0].bytes(row, 0)))
    }
    for row in 0..<rows[1].count {
      products.append(try RecordCodec.decodeProduct(rows[1].bytes(row, 0)))
    }
    return (resources, products)
  }

  // MARK: In pages

  func pools(
    after key: PoolKey?, limit: Int, _ statement: Statement = poolPage
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    var values = Values()
    values.append(key?.resourceID ?? "")
    values.append(key?.ordinal ?? .min)
    values.append(Int64(limit))
    let rows = try run(statement, values)
    var page: [(key: PoolKey, pool: Pool)] = []
    for row in 0..<rows.count { page.append(try Self.pool(rows, row)) }
    return page
  }

  static func pool(_ rows: Rows, _ row: Int) throws(StorageError) -> (key: PoolKey, pool: Pool) {
    let key = PoolKey(resourceID: try rows.text(row, 0), ordinal: try rows.int(row, 1))
    let pool = Pool(
      held: try rows.int(row, 2), consumed: try rows.int(row, 3), revision: try rows.uint(row, 4))
    return (key, pool)
  }

  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    var values = Values()
    values.append(Int64(clamping: number))
    values.append(Int64(limit))
    return try Self.reservations(try run(holdingOnly ? Self.holdingPage : Self.page, values))
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    var values = Values()
    values.append(Int64(clamping: number ?? .max))
    values.append(Int64(limit))
    if let buyerID { values.append(buyerID) }
    let statement =
      switch (buyerID != nil, holdingOnly) {
      case (false, false): Self.newest
      case (false, true): Self.newestHolding
      case (true, false): Self.newestOfBuyer
      case (true, true): Self.newestHoldingOfBuyer
      }
    return try Self.reservations(try run(statement, values))
  }

  static func reservations(_ rows: Rows) throws(StorageError) -> [Reservation] {
    var all: [Reservation] = []
    all.reserveCapacity(rows.count)
    for row in 0..<rows.count { all.append(try RecordCodec.decodeReservation(rows.bytes(row, 0))) }
    return all
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    var all: [Event] = []
    // A row has some or one: nobody knows before it is read.
    var perRow = Self.eventsPerRow
    while all.count < limit {
      let last = all.last?.sequence ?? sequence
      let rowsMax = min(limit - all.count, Self.eventsMax) / perRow + 1
      let rows = try connection.exchange([EventChunks.query(after: last, limit: rowsMax)])[0]
      let found = try EventChunks.events(rows, after: last)
      all += found.prefix(limit - all.count)
      guard rows.count == rowsMax else { break }
      perRow = max(1, found.count / rows.count)
    }
    return all
  }

  private static let eventsPerRow = 16
  private static let eventsMax = 10_000

  // MARK: The checkpoint

  func checkpoint() throws(StorageError) -> LogCheckpoint {
    let rows = try run(Self.checkpointRow)
    guard rows.count == 1 else { throw StorageError(.corrupt, "the store has no checkpoint row") }
    return LogCheckpoint(sequence: try rows.uint(0, 0), lastReservation: try rows.uint(0, 1))
  }

  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    try pools(after: key, limit: limit, Self.balancePage)
  }

  func closedKeptFrom() throws(StorageError) -> Instant? {
    let rows = try run(Self.keptFrom)
    guard rows.count == 1 else { return nil }
    guard let instant = Int64(try rows.text(0, 0)) else {
      throw StorageError(.corrupt, "the instant from which closed reservations are kept is none")
    }
    return Instant(microseconds: instant)
  }

  // MARK: Keys

  // Those of reservations begin with any byte but the first.
  func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    var values = Values()
    // No key is empty, so the empty one is before all.
    values.append(key?.buyerID ?? "\u{1}")
    values.append(key?.key ?? "")
    values.append(Int64(limit))
    let rows = try run(Self.adjustmentKeyPage, values)
    var keys: [(key: IdempotencyKey, number: UInt64)] = []
    for row in 0..<rows.count {
      let key = IdempotencyKey(buyerID: try rows.text(row, 0), key: try rows.text(row, 1))
      keys.append((key, try rows.uint(row, 2)))
    }
    return keys
  }

  // MARK: Statements

  private static let keptFrom = Statement(
    "kept_from", "SELECT value FROM meta WHERE key = '\(ClosedReservations.markName)'")
  private static let adjustmentKeyPage = Statement(
    "adjustment_key_page",
    """
    SELECT shard_key, key, number FROM idempotency
    WHERE (shard_key, key) > ($1::text COLLATE "C", $2::text COLLATE "C")
      AND shard_key < chr(2) COLLATE "C"
    ORDER BY shard_key, key LIMIT $3::int8
    """)

  private static let meta = Statement("meta", "SELECT value FROM meta WHERE key = 'naming_key'")
  /// In one state, the log's first.
  static let laneRows = Statement(
    "lanes",
    """
    SELECT id, next_reservation, next_sequence, last_decision, audit_sequence, audit_hash,
      pools_written_to
    FROM lane ORDER BY id
    """)
  private static let resources = Statement("resources", "SELECT body FROM resource ORDER BY id")
  private static let products = Statement("products", "SELECT body FROM product ORDER BY id")
  private static let checkpointRow = Statement(
    "checkpoint", "SELECT sequence, last_reservation FROM log_checkpoint WHERE id = 0")

  static let poolPage = Statement("pool_page", poolPage("pool"))
  private static let balancePage = Statement("balance_page", poolPage("checkpoint_pool"))

  private static func poolPage(_ table: String) -> String {
    """
    SELECT resource_id, ordinal, held, consumed, revision FROM \(table)
    WHERE (resource_id, ordinal) > ($1::text COLLATE "C", $2::int8)
    ORDER BY resource_id, ordinal LIMIT $3::int8
    """
  }

  static let page = Statement(
    "reservation_page",
    "SELECT body FROM reservation WHERE number > $1::int8 ORDER BY number LIMIT $2::int8")
  private static let holdingPage = Statement(
    "holding_page",
    """
    SELECT body FROM reservation WHERE holding AND number > $1::int8
    ORDER BY number LIMIT $2::int8
    """)
  private static let newest = Statement(
    "newest",
    "SELECT body FROM reservation WHERE number < $1::int8 ORDER BY number DESC LIMIT $2::int8")
  private static let newestHolding = Statement(
    "newest_holding",
    """
    SELECT body FROM reservation WHERE holding AND number < $1::int8
    ORDER BY number DESC LIMIT $2::int8
    """)

  // A buyer's are found by its keys, whose rows begin with the buyer. Sorted before bodies are read.
  private static let newestOfBuyer = Statement(
    "newest_of_buyer",
    """
    SELECT body FROM reservation WHERE number IN (
      SELECT number FROM idempotency WHERE shard_key = $3::text AND number < $1::int8
      ORDER BY number DESC LIMIT $2::int8)
    ORDER BY number DESC
    """)
  private static let newestHoldingOfBuyer = Statement(
    "newest_holding_of_buyer",
    """
    SELECT body FROM reservation WHERE number IN (
      SELECT reservation.number FROM idempotency
      JOIN reservation ON reservation.number = idempotency.number
      WHERE idempotency.shard_key = $3::text AND idempotency.number < $1::int8 AND holding
      ORDER BY idempotency.number DESC LIMIT $2::int8)
    ORDER BY number DESC
    """)
}
