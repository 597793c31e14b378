import Capacity

/// How many records of each kind there are, and a sum of their hashes: equal for stores with the same contents, in whatever
/// order they show them.
package struct TransferTally: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var count: UInt64 = 0
    var sum: UInt64 = 0
  }

  private(set) var entries: [TransferKind: Entry] = [:]

  init() {}

  /// - Parameter hasDefinition: whether there is one in it. Its JSON has dictionaries in any order, so that all that is stable
  ///   is which bytes there are.
  mutating func add(_ record: ArraySlice<UInt8>, _ kind: TransferKind, hasDefinition: Bool) {
    entries[kind, default: Entry()].count += 1
    entries[kind, default: Entry()].sum &+= Self.hash(hasDefinition ? record.sorted()[...] : record)
  }

  /// How many records, of all kinds.
  package var recordsCount: Int { entries.values.reduce(0) { $0 + Int(clamping: $1.count) } }
  package var eventsCount: Int { count(.event) }
  package var reservationsCount: Int { count(.reservation) }
  package var poolsCount: Int { count(.pool) }
  package var auditCount: Int { count(.auditEntry) }
  package var keysCount: Int { count(.key) }

  private func count(_ kind: TransferKind) -> Int { Int(clamping: entries[kind]?.count ?? 0) }

  static func hasDefinition(_ event: Event) -> Bool {
    switch event.subject {
    case .resource, .product: true
    case .reservation, .pool, .gap: false
    }
  }

  // FNV-1a, and the finaliser of SplitMix64, so that sums of it do not cancel out.
  private static func hash(_ record: ArraySlice<UInt8>) -> UInt64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in record { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  // MARK: As the record of the last block

  func append(to bytes: inout [UInt8]) {
    for kind in TransferKind.allCases where kind != .end {
      let entry = entries[kind] ?? Entry()
      RecordWriter.append(entry.count, to: &bytes)
      RecordWriter.append(entry.sum, to: &bytes)
    }
  }

  init(_ reader: inout RecordReader) throws(StorageError) {
    for kind in TransferKind.allCases where kind != .end {
      // Version 1 ends there.
      if kind == .auditEntry, reader.isAtEnd { break }
      let entry = Entry(count: try reader.unsigned(), sum: try reader.unsigned())
      if entry != Entry() { entries[kind] = entry }
    }
    try reader.end()
  }
}
