import Capacity
import CapacityEngine

/// The log of a `MemoryStore`, beside the storage that has it.
final class MemoryEventLog: EventLog {
  private let store: MemoryStore
  private let owner: UInt64
  private let faults: Faults

  init(_ store: MemoryStore, owner: UInt64, _ faults: Faults) {
    self.store = store
    self.owner = owner
    self.faults = faults
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    _ = try faults.meet(.events)
    return store.look { $0.events(after: sequence, limit: limit) }
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    try store.look { contents -> Result<Int, StorageError> in
      do throws(StorageError) {
        return .success(try contents.bytes(after: sequence, through: last))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  func poolsWrittenTo() throws(StorageError) -> UInt64 {
    store.look { $0.counters.poolsWrittenTo }
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint {
    store.look { $0.checkpoint }
  }

  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool] {
    store.look { contents in contents.balances.filter { keys.contains($0.key) } }
  }

  func write(
    _ checkpoint: LogCheckpoint, replacing previous: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError) {
    _ = try faults.meet(.commit)
    let isWritten = try store.change(by: owner) { contents in
      guard contents.checkpoint.sequence == previous.sequence else { return false }
      contents.write(checkpoint, balances: balances)
      return true
    }
    guard isWritten else {
      throw StorageError(.conflict, "another node has moved the log's beginning")
    }
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    _ = try faults.meet(.commit)
    return try store.change(by: owner) { $0.trim(limit: limit) }
  }

  func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    _ = try faults.meet(.commit)
    return try store.change(by: owner) {
      $0.forget(closedBefore: instant, after: number, limit: limit)
    }
  }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    store.look { $0.auditHeads }
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    store.look { $0.auditEntries(of: chain, after: sequence, limit: limit) }
  }

  func append(_ records: [AuditRecord]) throws(StorageError) {
    _ = try faults.meet(.commit)
    try store.change(by: owner) { contents -> Result<Void, StorageError> in
      do throws(StorageError) {
        return .success(try contents.append(records))
      } catch {
        return .failure(error)
      }
    }.get()
  }
}
