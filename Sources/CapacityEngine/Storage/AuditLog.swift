package import Capacity

/// What a store shows of its audit log: chains of sealed entries, to which is only ever added.
package protocol AuditLog: AnyObject {
  /// The end of each chain as it is kept apart from the entries, the lane's always; a chain that has entries and no such record
  /// is there with an end of `AuditHead()`.
  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead]

  /// Entries of `chain` with a sequence above `sequence`, ascending, at most `limit`.
  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry]
}
