import Capacity
import CapacityEngine

/// Reads reservations newest first: for lists, and for what one buyer has.
///
/// A buyer's are found by its keys, whose rows begin with the buyer: no index is kept for it. Who ever forgets old keys must
/// keep this in mind.
final class StoredLists {
  private let all: Statement
  private let holding: Statement
  private let ofBuyer: Statement
  private let holdingOfBuyer: Statement

  init(_ connection: Connection) throws(StorageError) {
    all = try connection.prepare(
      "SELECT body FROM reservation WHERE number < ? ORDER BY number DESC LIMIT ?")
    holding = try connection.prepare(
      """
      SELECT body FROM reservation INDEXED BY reservation_holding
      WHERE holding = 1 AND number < ? ORDER BY number DESC LIMIT ?
      """)
    // Sorted before bodies are read.
    ofBuyer = try connection.prepare(
      """
      SELECT body FROM reservation WHERE number IN (
        SELECT number FROM idempotency WHERE buyer_id = ?3 AND number < ?1
        ORDER BY number DESC LIMIT ?2)
      ORDER BY number DESC
      """)
    holdingOfBuyer = try connection.prepare(
      """
      SELECT body FROM reservation WHERE number IN (
        SELECT reservation.number FROM idempotency
        JOIN reservation ON reservation.number = idempotency.number
        WHERE buyer_id = ?3 AND idempotency.number < ?1 AND holding = 1
        ORDER BY idempotency.number DESC LIMIT ?2)
      ORDER BY number DESC
      """)
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    var page: [Reservation] = []
    let each = { (row: Row) throws(StorageError) in
      page.append(try RecordCodec.decodeReservation(row.bytes(0)))
    }
    let bind = { (values: BoundValues) in
      values.bind(1, Int64(clamping: number ?? .max))
      values.bind(2, Int64(limit))
      if buyerID != nil { values.bind(3, textFrom: 0) }
    }
    let bytes = Array((buyerID ?? "").utf8)
    switch (buyerID != nil, holdingOnly) {
    case (false, false): try all.query(bind, each: each)
    case (false, true): try holding.query(bind, each: each)
    case (true, false): try ofBuyer.query(lending: bytes, bind, each: each)
    case (true, true): try holdingOfBuyer.query(lending: bytes, bind, each: each)
    }
    return page
  }
}
