import Capacity
import CapacityEngine

/// Takes away reservations that were closed long ago, each with its key, over one connection.
///
/// Under the lock of the lane: a lane may just be bringing one of them back (a late consume).
struct ClosedReservations {
  let connection: Connection

  /// The row of `meta` that says from when on closed reservations are all there, in microseconds since 1970.
  static let markName = "closed_kept_from"

  func forget(
    before instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    var values = Values()
    values.append(Int64(clamping: number))
    values.append(Int64(limit))
    let rows = try connection.exchange([
      Query(Transaction.begin), Transaction.lock(.all(LaneSet.countMax)),
      Query(StoredRecords.laneRows), Query(StoredRecords.page, values),
    ])
    try Transaction.check(rows[1], have: try StoredRecords.counters(rows[2]).marks.count)
    var found = ForgottenPage()
    var leaving: [Reservation] = []
    for reservation in try StoredRecords.reservations(rows[3]) {
      guard reservation.createdAt < instant else { break }
      found.last = reservation.number
      if reservation.wasClosed(before: instant) {
        leaving.append(reservation)
      } else {
        found.firstKept = found.firstKept ?? reservation.number
      }
    }
    found.count = leaving.count
    let isSaid = !leaving.isEmpty || limit == 0
    _ = try connection.exchange(
      (leaving.isEmpty ? [] : [delete(leaving), deleteKeys(leaving)])
        + (isSaid ? [say(instant)] : []) + [Query(Transaction.commit)])
    return found
  }

  private func delete(_ leaving: [Reservation]) -> Query {
    var values = Values()
    values.append(leaving.map { $0.lines.first?.sellerID ?? "" })
    values.append(leaving.map { Int64(bitPattern: $0.number) })
    return Query(Self.rows, values)
  }

  // Its key may stand for another one by now, where it was itself put back.
  private func deleteKeys(_ leaving: [Reservation]) -> Query {
    var values = Values()
    values.append(leaving.map(\.key.buyerID))
    values.append(leaving.map(\.key.key))
    values.append(leaving.map { Int64(bitPattern: $0.number) })
    return Query(Self.keys, values)
  }

  private func say(_ instant: Instant) -> Query {
    var values = Values()
    values.append(String(instant.microseconds))
    return Query(Self.mark, values)
  }

  // MARK: Statements

  private static let rows = Statement(
    "delete_reservations",
    """
    DELETE FROM reservation USING unnest($1::text[], $2::int8[]) AS gone (seller_id, number)
    WHERE reservation.shard_key = gone.seller_id COLLATE "C" AND reservation.number = gone.number
    """)

  private static let keys = Statement(
    "delete_keys",
    """
    DELETE FROM idempotency USING unnest($1::text[], $2::text[], $3::int8[])
      AS gone (buyer_id, key, number)
    WHERE idempotency.shard_key = gone.buyer_id COLLATE "C"
      AND idempotency.key = gone.key COLLATE "C" AND idempotency.number = gone.number
    """)

  private static let mark = Statement(
    "say_kept_from",
    """
    INSERT INTO meta VALUES ('\(markName)', $1::text) ON CONFLICT (key) DO UPDATE
    SET value = excluded.value WHERE meta.value::int8 < excluded.value::int8
    """)
}
