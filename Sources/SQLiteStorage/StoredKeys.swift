import Capacity
import CapacityEngine

/// Reads the keys of adjustments in pages, over one connection, for whoever copies a store.
final class StoredKeys {
  private let page: Statement

  init(_ connection: Connection) throws(StorageError) {
    page = try connection.prepare(
      """
      SELECT number, subject, key FROM adjustment_key
      WHERE (subject, key) > (?, ?) ORDER BY subject, key LIMIT ?
      """)
  }

  func page(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    var keys: [(key: IdempotencyKey, number: UInt64)] = []
    // No key is empty, so the empty one is before all.
    let border = key?.buyerID.utf8.count ?? 0
    let bytes = Array((key?.buyerID ?? "").utf8) + Array((key?.key ?? "").utf8)
    try page.query(lending: bytes) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, textFrom: border)
      values.bind(3, Int64(limit))
    } each: { (row) throws(StorageError) in
      let key = IdempotencyKey(buyerID: try row.text(1), key: try row.text(2))
      keys.append((key, row.uint(0)))
    }
    return keys
  }
}
