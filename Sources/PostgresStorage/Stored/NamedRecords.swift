import Capacity
import CapacityEngine

/// Reads the records that a batch names: one statement for each table that is asked.
struct NamedRecords {
  private let pools: [PoolKey]
  private let numbers: [UInt64]
  private let keys: [IdempotencyKey]

  init(_ names: RecordNames) {
    pools = Array(names.pools)
    numbers = Array(names.reservations)
    keys = names.keys
  }

  var queries: [Query] {
    var queries: [Query] = []
    if !pools.isEmpty {
      var values = Values()
      values.append(pools.map(\.resourceID))
      values.append(pools.map(\.ordinal))
      queries.append(Query(Self.poolRows, values))
    }
    if !numbers.isEmpty {
      var values = Values()
      values.append(numbers.map { Int64(bitPattern: $0) })
      queries.append(Query(Self.reservationRows, values))
    }
    if !keys.isEmpty {
      var values = Values()
      values.append(keys.map(\.buyerID))
      values.append(keys.map(\.key))
      queries.append(Query(Self.keyRows, values))
    }
    return queries
  }

  /// - Parameter answers: those to `queries`, in their order.
  func records(_ answers: some Sequence<Rows>) throws(StorageError) -> Records {
    var answers = answers.makeIterator()
    var records = Records()
    if !pools.isEmpty, let rows = answers.next() {
      for row in 0..<rows.count {
        let entry = try StoredRecords.pool(rows, row)
        records.pools[entry.key] = entry.pool
      }
    }
    if !numbers.isEmpty, let rows = answers.next() {
      for reservation in try StoredRecords.reservations(rows) {
        records.reservations[reservation.number] = reservation
      }
    }
    if !keys.isEmpty, let rows = answers.next() {
      for row in 0..<rows.count {
        let place = Int(try rows.int(row, 0))
        guard keys.indices.contains(place - 1) else { continue }
        records.keys[keys[place - 1]] = try rows.uint(row, 1)
      }
    }
    return records
  }

  private static let poolRows = Statement(
    "pool_rows",
    """
    SELECT pool.resource_id, pool.ordinal, held, consumed, revision
    FROM unnest($1::text[], $2::int8[]) AS name (resource_id, ordinal)
    JOIN pool ON pool.resource_id = name.resource_id COLLATE "C" AND pool.ordinal = name.ordinal
    """)

  private static let reservationRows = Statement(
    "reservation_rows", "SELECT body FROM reservation WHERE number = ANY ($1::int8[])")

  private static let keyRows = Statement(
    "key_rows",
    """
    SELECT name.place, idempotency.number
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS name (buyer_id, key, place)
    JOIN idempotency ON idempotency.shard_key = name.buyer_id COLLATE "C"
      AND idempotency.key = name.key COLLATE "C"
    """)
}
