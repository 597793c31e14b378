import Capacity

/// The bytes of those records in an export that ``RecordCodec`` has no form for.
enum TransferRecord {
  static func append(_ pool: Pool, at key: PoolKey, to bytes: inout [UInt8]) {
    RecordWriter.append(key.resourceID, to: &bytes)
    RecordWriter.append(key.ordinal, to: &bytes)
    RecordWriter.append(pool.held, to: &bytes)
    RecordWriter.append(pool.consumed, to: &bytes)
    RecordWriter.append(pool.revision, to: &bytes)
  }

  static func pool(_ bytes: [UInt8]) throws(StorageError) -> (key: PoolKey, pool: Pool) {
    var reader = RecordReader(bytes, what: "pool")
    let key = PoolKey(resourceID: try reader.text(), ordinal: try reader.signed())
    let pool = Pool(
      held: try reader.signed(), consumed: try reader.signed(), revision: try reader.unsigned())
    try reader.end()
    return (key, pool)
  }

  static func append(_ key: IdempotencyKey, _ number: UInt64, to bytes: inout [UInt8]) {
    RecordWriter.append(key.buyerID, to: &bytes)
    RecordWriter.append(key.key, to: &bytes)
    RecordWriter.append(number, to: &bytes)
  }

  static func key(_ bytes: [UInt8]) throws(StorageError) -> (key: IdempotencyKey, number: UInt64) {
    var reader = RecordReader(bytes, what: "key")
    let key = IdempotencyKey(buyerID: try reader.text(), key: try reader.text())
    let number = try reader.unsigned()
    try reader.end()
    return (key, number)
  }
}
