/// Takes the bytes of an export as they come.
package typealias ByteSink = ([UInt8]) throws(StorageError) -> Void

/// Puts records into blocks, each with its number and checksum.
struct TransferWriter {
  private let sink: ByteSink
  private var kind = TransferKind.head
  private var payload: [UInt8] = []
  private var record: [UInt8] = []
  private var blocksCount: UInt32 = 0
  private(set) var tally = TransferTally()

  init(_ sink: @escaping ByteSink) throws(StorageError) {
    self.sink = sink
    try sink(TransferFormat.magic)
  }

  /// Adds the record that `write` writes.
  mutating func add(
    _ kind: TransferKind, hasDefinition: Bool = false,
    _ write: (inout [UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) {
    if kind != self.kind { try closeBlock() }
    self.kind = kind
    record.removeAll(keepingCapacity: true)
    try write(&record)
    // The head says when it was written, which is no content.
    if kind != .head { tally.add(record[...], kind, hasDefinition: hasDefinition) }
    RecordWriter.append(record, to: &payload)
    if payload.count >= TransferFormat.blockBytesFull { try closeBlock() }
  }

  /// Writes the last block.
  mutating func finish() throws(StorageError) {
    try closeBlock()
    kind = .end
    record.removeAll(keepingCapacity: true)
    tally.append(to: &record)
    RecordWriter.append(record, to: &payload)
    try closeBlock()
  }

  private mutating func closeBlock() throws(StorageError) {
    guard !payload.isEmpty else { return }
    var block = [kind.rawValue]
    Self.append(blocksCount, to: &block)
    Self.append(UInt32(payload.count), to: &block)
    block += payload
    var checksum = CRC32C()
    checksum.add(block)
    Self.append(checksum.value, to: &block)
    try sink(block)
    blocksCount += 1
    payload.removeAll(keepingCapacity: true)
  }

  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
