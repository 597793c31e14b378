package import Capacity

/// The first record of an export.
package struct TransferHead: Equatable, Sendable {
  package var identity: StoreIdentity
  package var counters: StoreCounters
  package var checkpoint: LogCheckpoint
  /// See ``StoredLedger/closedKeptFrom()``.
  package var closedKeptFrom: Instant?
  /// When it was written.
  package var exportedAt: Instant
  /// Which program wrote it.
  package var program: String
  /// Whether a server had the store meanwhile, so that it may have gone on since.
  package var wasServed: Bool

  func append(to bytes: inout [UInt8]) {
    RecordWriter.append(identity.namingKey, to: &bytes)
    RecordWriter.append(counters.nextReservation, to: &bytes)
    RecordWriter.append(counters.nextSequence, to: &bytes)
    RecordWriter.append(counters.lastDecision.microseconds, to: &bytes)
    RecordWriter.append(checkpoint.sequence, to: &bytes)
    RecordWriter.append(checkpoint.lastReservation, to: &bytes)
    RecordWriter.append(closedKeptFrom?.microseconds ?? 0, to: &bytes)
    RecordWriter.append(exportedAt.microseconds, to: &bytes)
    RecordWriter.append(program, to: &bytes)
    bytes.append(wasServed ? 1 : 0)
  }

  init(_ reader: inout RecordReader) throws(StorageError) {
    identity = StoreIdentity(namingKey: try reader.unsigned())
    counters = StoreCounters(
      nextReservation: try reader.unsigned(), nextSequence: try reader.unsigned(),
      lastDecision: Instant(microseconds: try reader.signed()))
    checkpoint = LogCheckpoint(
      sequence: try reader.unsigned(), lastReservation: try reader.unsigned())
    let kept = try reader.signed()
    closedKeptFrom = kept == 0 ? nil : Instant(microseconds: kept)
    exportedAt = Instant(microseconds: try reader.signed())
    program = try reader.text()
    wasServed = try reader.flag()
    try reader.end()
  }

  init(
    of store: any StoredContents, at now: Instant, program: String, wasServed: Bool
  ) throws(StorageError) {
    identity = try store.identity()
    counters = try store.counters()
    // An export has every pool as the log leaves it.
    counters.poolsWrittenTo = counters.nextSequence - 1
    checkpoint = try store.checkpoint()
    closedKeptFrom = try store.closedKeptFrom()
    exportedAt = now
    self.program = program
    self.wasServed = wasServed
  }
}
