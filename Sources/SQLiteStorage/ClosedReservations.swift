import Capacity
import CapacityEngine

/// Takes away reservations that were closed long ago, over a connection of its own.
///
/// Each goes with its key: a buyer's reservations are found by its keys, and a key without its reservation has no answer. What
/// is looked at and what goes are one transaction, for the lane may just be bringing one of them back (a late consume).
final class ClosedReservations {
  private let connection: Connection
  private let page: Statement
  private let row: Statement
  private let key: Statement
  private let mark: Statement

  init(path: String) throws(StorageError) {
    connection = try Connection(path: path, .writing, busyMilliseconds: 5000)
    // As for the log: what is lost in a crash is done again, and nothing is lost by halves.
    try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;")
    page = try connection.prepare(
      "SELECT body FROM reservation WHERE number > ? ORDER BY number LIMIT ?")
    row = try connection.prepare("DELETE FROM reservation WHERE number = ?")
    key = try connection.prepare(
      "DELETE FROM idempotency WHERE buyer_id = ? AND key = ? AND number = ?")
    mark = try connection.prepare(
      """
      INSERT INTO meta VALUES ('\(ClosedReservations.markName)', ?) ON CONFLICT DO UPDATE
      SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)
      """)
  }

  /// The row of `meta` that says from when on closed reservations are all there, in microseconds since 1970.
  static let markName = "closed_kept_from"

  func forget(
    before instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    try connection.execute("BEGIN IMMEDIATE")
    do throws(StorageError) {
      let page = try step(instant, number, limit)
      try connection.execute("COMMIT")
      return page
    } catch {
      // The first error is the one that matters.
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  private func step(
    _ instant: Instant, _ number: UInt64, _ limit: Int
  ) throws(StorageError) -> ForgottenPage {
    var found = ForgottenPage()
    var leaving: [Reservation] = []
    var isTooYoung = false
    try page.query { values in
      values.bind(1, Int64(clamping: number))
      values.bind(2, Int64(limit))
    } each: { (row) throws(StorageError) in
      let reservation = try RecordCodec.decodeReservation(row.bytes(0))
      isTooYoung = isTooYoung || reservation.createdAt >= instant
      guard !isTooYoung else { return }
      found.last = reservation.number
      if reservation.wasClosed(before: instant) {
        leaving.append(reservation)
      } else {
        found.firstKept = found.firstKept ?? reservation.number
      }
    }
    for reservation in leaving { try remove(reservation) }
    found.count = leaving.count
    if !leaving.isEmpty || limit == 0 { try say(instant) }
    return found
  }

  private func remove(_ reservation: Reservation) throws(StorageError) {
    let border = reservation.buyerID.utf8.count
    let names = Array(reservation.buyerID.utf8) + Array(reservation.idempotencyKey.utf8)
    try key.run(lending: names) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, textFrom: border)
      values.bind(3, reservation.number)
    }
    try row.run { values in values.bind(1, reservation.number) }
  }

  private func say(_ instant: Instant) throws(StorageError) {
    try mark.run(lending: Array("\(instant.microseconds)".utf8)) { values in
      values.bind(1, textFrom: 0)
    }
  }
}
