/// Hands out the next bytes of an export, as many as are asked for; fewer at its end only.
package typealias ByteSource = (_ count: Int) throws(StorageError) -> [UInt8]

/// Takes an export apart into records, and believes nothing that its checksums do not confirm.
struct TransferReader {
  private let source: ByteSource
  private var blocksCount: UInt32 = 0
  private var lastKind = TransferKind.head
  private var isAtEnd = false
  /// Of the bytes that were read.
  private(set) var bytesRead = 0

  /// - Throws: `corrupt` for what is no export, or one of a newer version.
  init(_ source: @escaping ByteSource) throws(StorageError) {
    self.source = source
    let magic = try source(TransferFormat.magic.count)
    bytesRead = magic.count
    guard magic.dropLast() == TransferFormat.magic.dropLast() else {
      throw StorageError(.corrupt, "it is no export of Cupo")
    }
    guard let version = magic.last, (1...TransferFormat.version).contains(version) else {
      throw StorageError(.corrupt, "it was written by a newer version of Cupo")
    }
  }

  /// The next block: its kind, and the records in it; nil behind the last one.
  mutating func next() throws(StorageError) -> (kind: TransferKind, records: [[UInt8]])? {
    guard !isAtEnd else { return nil }
    let head = try take(TransferFormat.blockHeadBytes)
    let (number, length) = (Self.number(head[1..<5]), Int(Self.number(head[5..<9])))
    guard number == blocksCount, length <= TransferFormat.blockBytesMax,
      let kind = TransferKind(rawValue: head[0]), kind.rawValue >= lastKind.rawValue
    else { throw damaged("its head makes no sense") }
    let payload = try take(length)
    var checksum = CRC32C()
    checksum.add(head)
    checksum.add(payload)
    let told = try take(TransferFormat.checksumBytes)
    guard checksum.value == Self.number(told[...]) else { throw damaged("its checksum is wrong") }
    let records = try Self.records(payload)
    blocksCount += 1
    lastKind = kind
    if kind == .end { try finish() }
    return (kind, records)
  }

  private mutating func finish() throws(StorageError) {
    isAtEnd = true
    guard try source(1).isEmpty else {
      throw StorageError(.corrupt, "the export has bytes behind its end")
    }
  }

  private mutating func take(_ count: Int) throws(StorageError) -> [UInt8] {
    let bytes = try source(count)
    bytesRead += bytes.count
    guard bytes.count == count else {
      throw StorageError(.corrupt, "the export is cut off after \(bytesRead) bytes")
    }
    return bytes
  }

  private func damaged(_ how: String) -> StorageError {
    StorageError(
      .corrupt, "the export is damaged in block \(blocksCount), at byte \(bytesRead): \(how)")
  }

  private static func records(_ payload: [UInt8]) throws(StorageError) -> [[UInt8]] {
    var reader = RecordReader(payload, what: "block")
    var records: [[UInt8]] = []
    while !reader.isAtEnd { records.append(try reader.body()) }
    return records
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
