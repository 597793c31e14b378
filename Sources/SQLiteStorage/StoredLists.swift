import Capacity
import CapacityEngine

/// Reads reservations newest first: for lists, and for what one buyer has.
///
/// A buyer's are found by its keys: no other index is kept for it.
final class StoredLists {
  private let all: Statement
  private let holding: HoldingPages
  private let one: Statement
  private let oneHolding: Statement

  init(_ connection: Connection, _ holding: HoldingPages) throws(StorageError) {
    self.holding = holding
    all = try connection.prepare(
      "SELECT body FROM reservation WHERE number < ? ORDER BY number DESC LIMIT ?")
    one = try connection.prepare("SELECT body FROM reservation WHERE number = ?")
    oneHolding = try connection.prepare(
      "SELECT body FROM reservation WHERE number = ? AND holding = 1")
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool,
    _ keys: KeyIndex
  ) throws(StorageError) -> [Reservation] {
    var page: [Reservation] = []
    if let buyerID {
      // Another buyer may have the same hash.
      let each = { (row: Row) throws(StorageError) in
        let found = try RecordCodec.decodeReservation(row.bytes(0))
        if found.buyerID.utf8.elementsEqual(buyerID.utf8) { page.append(found) }
      }
      try keys.visit(buyer: buyerID, before: number ?? .max) { (number) throws(StorageError) in
        let bind = { (values: BoundValues) in values.bind(1, number) }
        if holdingOnly {
          try oneHolding.query(bind, each: each)
        } else {
          try one.query(bind, each: each)
        }
        return page.count < limit
      }
      return page
    }
    if holdingOnly { return try holding.reservations(before: number ?? .max, limit: limit) }
    try all.query { values in
      values.bind(1, Int64(clamping: number ?? .max))
      values.bind(2, Int64(limit))
    } each: { (row) throws(StorageError) in
      page.append(try RecordCodec.decodeReservation(row.bytes(0)))
    }
    return page
  }
}
