import Capacity
import CapacityEngine

/// Takes away reservations that were closed long ago, over a connection of its own.
///
/// Its key goes with each, for it is nowhere else; what runs of keys still say of it leads to nothing. What is looked at and what
/// goes are one transaction, for the lane may just be bringing one of them back (a late consume).
final class ClosedReservations {
  private let connection: Connection
  private let page: Statement
  private let row: Statement
  private let mark: Statement

  init(_ file: ServedFile) throws(StorageError) {
    connection = try Connection.besideTheLane(file)
    page = try connection.prepare(
      "SELECT body FROM reservation WHERE number > ? ORDER BY number LIMIT ?")
    row = try connection.prepare("DELETE FROM reservation WHERE number = ?")
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
    try connection.transaction { () throws(StorageError) in try step(instant, number, limit) }
  }

  private func step(
    _ instant: Instant, _ number: UInt64, _ limit: Int
  ) throws(StorageError) -> ForgottenPage {
    var found = ForgottenPage()
    var leaving: [UInt64] = []
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
        leaving.append(reservation.number)
      } else {
        found.firstKept = found.firstKept ?? reservation.number
      }
    }
    for number in leaving { try row.run { values in values.bind(1, number) } }
    found.count = leaving.count
    if !leaving.isEmpty || limit == 0 { try say(instant) }
    return found
  }

  private func say(_ instant: Instant) throws(StorageError) {
    try mark.run(lending: Array("\(instant.microseconds)".utf8)) { values in
      values.bind(1, textFrom: 0)
    }
  }
}
