import Capacity
import CapacityEngine

/// What a disk shows to whoever checks it.
final class SimulatedLedger: StoredLedger {
  private let contents: DiskContents

  init(_ contents: DiskContents) {
    self.contents = contents
  }

  func counters() throws(StorageError) -> StoreCounters { contents.counters }

  func pools(after key: PoolKey?, limit: Int) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    DiskContents.page(contents.pools, after: key, limit: limit)
  }

  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    contents.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    Array(contents.events(after: sequence, limit: limit))
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint { contents.checkpoint }

  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    DiskContents.page(contents.balances, after: key, limit: limit)
  }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    contents.auditHeads
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    contents.auditEntries(of: chain, after: sequence, limit: limit)
  }
}
