// Moving a whole store from one adapter to another: a file that says everything a store holds, and nothing of how it holds it.
//
// It is not for backups of a store that is to be served again by the same adapter: those are copies of its own files. Its
// bytes are described in docs/export-format.md.
//
// Before changing it, know this: files outlive programs. A new format gets a new version, and the old reader stays.

/// What blocks of an export are made of.
enum TransferFormat {
  /// How each file begins: the name, and the version of all that follows.
  static let magic: [UInt8] = Array("CUPOEXP".utf8) + [version]
  /// What is written. Version 1 has no audit log, and is read as one that has nothing of it.
  static let version: UInt8 = 2
  /// The kind, the number and the length of a block.
  static let blockHeadBytes = 9
  static let checksumBytes = 4
  /// A block is closed when its records have so many bytes.
  static let blockBytesFull = 1 << 20
  /// A longer block is damage: the largest record is a definition, and those are bounded by the size of a message.
  static let blockBytesMax = 1 << 26
}

/// What the records of a block are, in the order of the file.
enum TransferKind: UInt8, CaseIterable {
  case head = 1
  case resource, product, balance, pool, event, reservation, key, auditEntry, auditEnd
  case end = 255
}
