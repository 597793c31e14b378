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

  static func append(_ entry: AuditEntry, to bytes: inout [UInt8]) {
    RecordWriter.append(entry.chain.name, to: &bytes)
    RecordWriter.append(entry.sequence, to: &bytes)
    RecordWriter.append(entry.at.microseconds, to: &bytes)
    RecordWriter.append(entry.body, to: &bytes)
    RecordWriter.append(entry.hash.text, to: &bytes)
  }

  static func auditEntry(_ bytes: [UInt8]) throws(StorageError) -> AuditEntry {
    var reader = RecordReader(bytes, what: "audit entry")
    let entry = AuditEntry(
      chain: AuditChain(name: try reader.text()), sequence: try reader.unsigned(),
      at: Instant(microseconds: try reader.signed()), body: try reader.body(),
      hash: AuditHash(text: try reader.text()) ?? .zero)
    try reader.end()
    return entry
  }

  static func append(_ head: AuditHead, of chain: AuditChain, to bytes: inout [UInt8]) {
    RecordWriter.append(chain.name, to: &bytes)
    RecordWriter.append(head.sequence, to: &bytes)
    RecordWriter.append(head.hash.text, to: &bytes)
  }

  static func auditEnd(_ bytes: [UInt8]) throws(StorageError) -> (AuditChain, AuditHead) {
    var reader = RecordReader(bytes, what: "end of an audit chain")
    let chain = AuditChain(name: try reader.text())
    let head = AuditHead(
      sequence: try reader.unsigned(), hash: AuditHash(text: try reader.text()) ?? .zero)
    try reader.end()
    return (chain, head)
  }

  static func key(_ bytes: [UInt8]) throws(StorageError) -> (key: IdempotencyKey, number: UInt64) {
    var reader = RecordReader(bytes, what: "key")
    let key = IdempotencyKey(buyerID: try reader.text(), key: try reader.text())
    let number = try reader.unsigned()
    try reader.end()
    return (key, number)
  }
}
