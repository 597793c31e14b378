import Capacity
import CapacityEngine

/// The log of a `Disk`, beside the storage that has it.
final class SimulatedLog: EventLog {
  private let disk: Disk
  private let owner: Int

  init(_ disk: Disk, _ owner: Int) {
    (self.disk, self.owner) = (disk, owner)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    guard disk.faults.remove(.logUnreadable) == nil else { throw Disk.gone }
    return Array(disk.contents.events(after: sequence, limit: limit))
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    var (body, count): ([UInt8], Int) = ([], 0)
    for event in disk.contents.events(after: sequence, limit: .max) where event.sequence <= last {
      body.removeAll(keepingCapacity: true)
      try RecordCodec.encode(event, into: &body)
      count += body.count
    }
    return count
  }

  func poolsWrittenTo() throws(StorageError) -> UInt64 { disk.contents.counters.poolsWrittenTo }

  func checkpoint() throws(StorageError) -> LogCheckpoint { disk.contents.checkpoint }

  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool] {
    disk.contents.balances.filter { keys.contains($0.key) }
  }

  func write(
    _ checkpoint: LogCheckpoint, replacing previous: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError) {
    try mayWrite()
    guard disk.contents.checkpoint.sequence == previous.sequence else {
      throw StorageError(.conflict, "another node has moved the log's beginning")
    }
    disk.contents.checkpoint = checkpoint
    for (key, pool) in balances { disk.contents.balances[key] = pool }
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    try mayWrite()
    return disk.contents.trim(limit: limit)
  }

  /// Nothing is closed for as long as reservations are kept.
  func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    ForgottenPage()
  }

  private func mayWrite() throws(StorageError) {
    guard disk.isShared || owner == disk.owner else { throw Disk.taken }
    if disk.isFull { throw Disk.full }
  }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    disk.contents.auditHeads
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    disk.contents.auditEntries(of: chain, after: sequence, limit: limit)
  }

  func append(_ records: [AuditRecord]) throws(StorageError) {
    try mayWrite()
    try disk.contents.append(records)
  }
}
