import Capacity
import CapacityEngine

/// The audit log over one connection, for reading.
final class StoredAudit {
  private let headRows: Statement
  private let page: Statement

  init(_ connection: Connection) throws(StorageError) {
    // Chains are found one behind the other: the log has many entries and few chains.
    headRows = try connection.prepare(
      """
      WITH RECURSIVE name (chain) AS (
        SELECT min(chain) FROM audit UNION ALL
        SELECT (SELECT min(chain) FROM audit WHERE chain > name.chain) FROM name
        WHERE name.chain IS NOT NULL)
      SELECT chain, 0, '' FROM name WHERE chain IS NOT NULL
      UNION ALL SELECT chain, sequence, hash FROM audit_chain
      UNION ALL SELECT 'lane-0', audit_sequence, audit_hash FROM lane WHERE id = 0
      """)
    page = try connection.prepare(
      """
      SELECT sequence, at, body, hash FROM audit WHERE chain = ? AND sequence > ?
      ORDER BY sequence LIMIT ?
      """)
  }

  func heads() throws(StorageError) -> [AuditChain: AuditHead] {
    var all: [AuditChain: AuditHead] = [:]
    try headRows.query { (row) throws(StorageError) in
      // What is no hash is none of this chain's.
      let head = AuditHead(sequence: row.uint(1), hash: AuditHash(text: try row.text(2)) ?? .zero)
      let chain = AuditChain(name: try row.text(0))
      if all[chain] == nil || head != AuditHead() { all[chain] = head }
    }
    return all
  }

  func entries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    var entries: [AuditEntry] = []
    try page.query(lending: Array(chain.name.utf8)) { values in
      values.bind(1, textFrom: 0)
      values.bind(2, Int64(clamping: sequence))
      values.bind(3, Int64(limit))
    } each: { (row) throws(StorageError) in
      entries.append(
        AuditEntry(
          chain: chain, sequence: row.uint(0), at: Instant(microseconds: row.int(1)),
          body: row.bytes(2), hash: AuditHash(text: try row.text(3)) ?? .zero))
    }
    return entries
  }
}
