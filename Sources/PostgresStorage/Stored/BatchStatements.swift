import Capacity
import CapacityEngine

/// The statements of a commit: one for each table, whatever the number of rows.
enum BatchStatements {
  /// All that is not numbered anew by where it stands in the log.
  ///
  /// - Parameters:
  ///   - nextReservation: numbers from here on are new.
  ///   - trustsPools: whether pools that were written before can be taken to be there.
  static func rows(
    of changes: ChangeSet, nextReservation: UInt64, trustsPools: Bool
  ) throws(StorageError) -> [Query] {
    var queries: [Query] = []
    if !changes.resources.isEmpty { queries.append(try resources(changes.resources)) }
    if !changes.products.isEmpty { queries.append(try products(changes.products)) }
    let newPools = trustsPools ? changes.newPools : nil
    let (known, new) = split(changes.pools, newPools)
    if !known.isEmpty { queries.append(update(known)) }
    if !new.isEmpty { queries.append(pools(new, into: upsertPools)) }
    let border = changes.reservations.firstIndex { $0.number >= nextReservation }
    let (changed, made) = split(changes.reservations, at: border)
    if !changed.isEmpty { queries.append(try reservations(changed, upsertReservations)) }
    if !made.isEmpty { queries.append(try reservations(made, insertReservations)) }
    if !changes.keys.isEmpty { queries.append(keys(inOrder(changes))) }
    // Seldom any.
    if !changes.audit.isEmpty { queries.append(try AuditStatements.insert(changes.audit)) }
    if !changes.audit.isEmpty || !changes.auditEnds.isEmpty {
      queries.append(AuditStatements.update(changes.counters.audit))
    }
    for (chain, end) in changes.auditEnds where chain != .lane {
      queries += [AuditStatements.make(chain), AuditStatements.update(end, of: chain)]
    }
    return queries
  }

  private static func split(
    _ all: [Reservation], at border: Int?
  ) -> (ArraySlice<Reservation>, ArraySlice<Reservation>) {
    let border = border ?? all.endIndex
    return (all[..<border], all[border...])
  }

  /// Takes the locks of the batch's lanes, and fails where one is not as it was `known`.
  static func lock(_ changes: ChangeSet, after known: StoreCounters) -> Query {
    var values = Values()
    values.append(changes.lanes.map { StoredRecords.id(ofLane: $0) })
    values.append(
      changes.lanes.map { Int64(bitPattern: known.marks[$0].lastSequence &+ 1) })
    values.append(changes.lanes.map { changes.counters.marks[$0].lastDecision.microseconds })
    values.append(Int64(known.marks.count))
    return Query(checkLanes, values)
  }

  /// Appends the events to the log, and moves the counters of the log and of the lanes. From here on nobody else does.
  static func append(_ changes: ChangeSet) throws(StorageError) -> Query {
    let (state, first) = (changes.counters, changes.firstSequence)
    let marks = changes.lanes.filter { $0 < state.marks.count }.map { (id: $0, state.marks[$0]) }
    var values = Values()
    values.append(first)
    values.append(state.nextSequence - first)
    values.append(state.nextReservation)
    values.append(marks.map { StoredRecords.id(ofLane: $0.id) })
    values.append(marks.map { Int64(bitPattern: $0.1.lastSequence &+ 1) })
    values.append(marks.map(\.1.lastDecision.microseconds))
    values.append(marks.map { Int64(bitPattern: $0.1.poolsWrittenTo) })
    try EventChunks.append(changes.events, numberedFrom: first, to: &values)
    return Query(appendToLog, values)
  }

  /// Behind `append`: the counters as it leaves them, and what others wrote between what the batch knew and itself.
  static func others(_ changes: ChangeSet) -> [Query] {
    [
      Query(StoredRecords.laneRows),
      EventChunks.query(after: changes.firstSequence - 1, limit: StorageNews.pageMax),
    ]
  }

  private static func resources(_ all: [Resource]) throws(StorageError) -> Query {
    var values = Values()
    values.append(all.map(\.id))
    values.append(all.map(\.sellerID))
    values.append(all.map { Int64(bitPattern: $0.version) })
    try values.append(array: .text, count: all.count, reserving: 512) {
      (index, bytes) throws(StorageError) in
      bytes += try RecordCodec.encode(all[index])
    }
    return Query(upsertResources, values)
  }

  private static func products(_ all: [Product]) throws(StorageError) -> Query {
    var values = Values()
    values.append(all.map(\.id))
    values.append(all.map(\.sellerID))
    values.append(all.map { Int64(bitPattern: $0.version) })
    try values.append(array: .text, count: all.count, reserving: 512) {
      (index, bytes) throws(StorageError) in
      bytes += try RecordCodec.encode(all[index])
    }
    return Query(upsertProducts, values)
  }

  /// In the order of their keys, so that neighbours share pages.
  static func pools(_ pools: [PoolKey: Pool], into statement: Statement) -> Query {
    let all = pools.sorted { $0.key < $1.key }
    var values = Values()
    values.append(all.map(\.key.resourceID))
    values.append(all.map(\.key.ordinal))
    values.append(all.map(\.value.held))
    values.append(all.map(\.value.consumed))
    values.append(all.map { Int64(bitPattern: $0.value.revision) })
    return Query(statement, values)
  }

  private static func split(
    _ pools: [PoolKey: Pool], _ newPools: Set<PoolKey>?
  ) -> (known: [PoolKey: Pool], new: [PoolKey: Pool]) {
    guard let newPools else { return ([:], pools) }
    guard !newPools.isEmpty else { return (pools, [:]) }
    return (
      pools.filter { !newPools.contains($0.key) }, pools.filter { newPools.contains($0.key) }
    )
  }

  // An update costs the database half of what it costs to find out that there is something to update.
  private static func update(_ all: [PoolKey: Pool]) -> Query {
    var query = pools(all, into: updatePools)
    query.values.append(Int64(all.count))
    return query
  }

  private static func reservations(
    _ all: ArraySlice<Reservation>, _ statement: Statement
  ) throws(StorageError) -> Query {
    var values = Values()
    values.append(all.map { $0.lines.first?.sellerID ?? "" })
    values.append(all.map { Int64(bitPattern: $0.number) })
    values.append(all.map(\.isHolding))
    values.append(all.map(\.expiresAt.microseconds))
    let start = all.startIndex
    try values.append(array: .bytea, count: all.count, reserving: 192) { index, bytes in
      RecordCodec.encode(all[start + index], into: &bytes)
    }
    return Query(statement, values)
  }

  // Batches of other lanes may have some of the same: in one order none waits for one that waits for it.
  static func inOrder(_ changes: ChangeSet) -> [(key: IdempotencyKey, number: UInt64)] {
    guard changes.counters.marks.count > 1 else { return changes.keys }
    return changes.keys.sorted { ($0.key.buyerID, $0.key.key) < ($1.key.buyerID, $1.key.key) }
  }

  private static func keys(_ all: [(key: IdempotencyKey, number: UInt64)]) -> Query {
    var values = Values()
    values.append(all.map(\.key.buyerID))
    values.append(all.map(\.key.key))
    values.append(all.map { Int64(bitPattern: $0.number) })
    return Query(insertKeys, values)
  }

  // MARK: Statements

  // Fails where a lane is another: see `write`.
  private static let checkLanes = Statement(
    "check_lanes",
    """
    WITH locked AS (
      SELECT id, next_sequence, last_decision FROM lane WHERE id = ANY ($1::int8[])
      ORDER BY id FOR UPDATE)
    SELECT (CASE count(*) WHEN cardinality($1::int8[]) THEN '1' ELSE 'moved' END)::int4
    FROM locked JOIN unnest($1::int8[], $2::int8[], $3::int8[])
      AS known (id, next_sequence, decision) ON locked.id = known.id
    WHERE locked.next_sequence = known.next_sequence AND locked.last_decision <= known.decision
      AND (SELECT count(*) FROM lane WHERE id > 0) = $4::int8
    """)

  // What is numbered $1 or higher is numbered as if the log went on from there, and moves with it.
  private static let appendToLog = Statement(
    "append_to_log",
    """
    WITH log AS (
      UPDATE lane SET next_sequence = greatest(next_sequence, $1::int8) + $2::int8
      WHERE id = 0 RETURNING next_sequence - $2::int8 AS first),
    moved AS (
      UPDATE lane SET next_reservation = greatest(next_reservation, $3::int8),
        next_sequence =
          new.next_sequence + CASE WHEN new.next_sequence > $1::int8 THEN log.first - $1::int8 ELSE 0 END,
        last_decision = new.decision,
        pools_written_to = greatest(lane.pools_written_to,
          new.written_to + CASE WHEN new.written_to >= $1::int8 THEN log.first - $1::int8 ELSE 0 END)
      FROM log, unnest($4::int8[], $5::int8[], $6::int8[], $7::int8[])
        AS new (id, next_sequence, decision, written_to)
      WHERE lane.id = new.id),
    added AS (
      INSERT INTO event (shard_key, sequence, first, body)
      SELECT 0, log.first + new.last, log.first + new.first, new.body
      FROM log, unnest($8::int8[], $9::int8[], $10::bytea[]) AS new (last, first, body))
    SELECT first FROM log
    """)

  private static let upsertResources = Statement("upsert_resources", catalogueRows("resource"))
  private static let upsertProducts = Statement("upsert_products", catalogueRows("product"))

  private static func catalogueRows(_ table: String) -> String {
    """
    INSERT INTO \(table) (id, seller_id, version, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[])
    ON CONFLICT (id) DO UPDATE
    SET seller_id = excluded.seller_id, version = excluded.version, body = excluded.body
    """
  }

  // A pool belongs to the seller of its resource, who never changes; what remembers a trigger belongs to nobody.
  private static let upsertPools = Statement(
    "upsert_pools",
    """
    INSERT INTO pool (shard_key, resource_id, ordinal, held, consumed, revision)
    SELECT coalesce(resource.seller_id, ''), new.*
    FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
      AS new (resource_id, ordinal, held, consumed, revision)
    LEFT JOIN resource ON resource.id = new.resource_id
    ON CONFLICT (shard_key, resource_id, ordinal) DO UPDATE
    SET held = excluded.held, consumed = excluded.consumed, revision = excluded.revision
    """)

  // Fails where a row is missing: see `write`.
  private static let updatePools = Statement(
    "update_pools",
    """
    WITH updated AS (
      UPDATE pool SET held = new.held, consumed = new.consumed, revision = new.revision
      FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
        AS new (resource_id, ordinal, held, consumed, revision)
      WHERE pool.resource_id = new.resource_id COLLATE "C" AND pool.ordinal = new.ordinal
      RETURNING 1)
    SELECT 1 / (count(*) = $6::int8)::int FROM updated
    """)

  private static let reservationRows = """
    INSERT INTO reservation (shard_key, number, holding, expires_at, body)
    SELECT * FROM unnest($1::text[], $2::int8[], $3::bool[], $4::int8[], $5::bytea[])
    """

  private static let insertReservations = Statement("insert_reservations", reservationRows)

  private static let upsertReservations = Statement(
    "upsert_reservations",
    """
    \(reservationRows)
    ON CONFLICT (shard_key, number) DO UPDATE
    SET holding = excluded.holding, expires_at = excluded.expires_at, body = excluded.body
    """)

  private static let insertKeys = Statement(
    "insert_keys",
    """
    INSERT INTO idempotency (shard_key, key, number)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int8[])
    """)
}
