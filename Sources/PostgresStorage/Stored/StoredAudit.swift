import Capacity
import CapacityEngine

/// The audit log over one connection, for reading.
struct StoredAudit {
  let connection: Connection

  func heads() throws(StorageError) -> [AuditChain: AuditHead] {
    let rows = try connection.exchange([Query(Self.heads)])[0]
    var all: [AuditChain: AuditHead] = [:]
    for row in 0..<rows.count {
      // What is no hash is none of this chain's.
      let head = AuditHead(
        sequence: try rows.uint(row, 1), hash: AuditHash(text: try rows.text(row, 2)) ?? .zero)
      let chain = AuditChain(name: try rows.text(row, 0))
      if all[chain] == nil || head != AuditHead() { all[chain] = head }
    }
    return all
  }

  func entries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    var values = Values()
    values.append(chain.name)
    values.append(Int64(clamping: sequence))
    values.append(Int64(limit))
    let rows = try connection.exchange([Query(Self.page, values)])[0]
    var entries: [AuditEntry] = []
    for row in 0..<rows.count {
      entries.append(
        AuditEntry(
          chain: chain, sequence: try rows.uint(row, 0),
          at: Instant(microseconds: try rows.int(row, 1)), body: rows.bytes(row, 2),
          hash: AuditHash(text: try rows.text(row, 3)) ?? .zero))
    }
    return entries
  }

  // Chains are found one behind the other: the log has many entries and few chains.
  private static let heads = Statement(
    "audit_heads",
    """
    WITH RECURSIVE name (chain) AS (
      SELECT min(chain) FROM audit UNION ALL
      SELECT (SELECT min(chain) FROM audit WHERE chain > name.chain) FROM name
      WHERE name.chain IS NOT NULL)
    SELECT chain, 0::int8, ''::text FROM name WHERE chain IS NOT NULL
    UNION ALL SELECT chain, sequence, hash FROM audit_chain
    UNION ALL SELECT 'lane-0', audit_sequence, audit_hash FROM lane WHERE id = 0
    """)

  private static let page = Statement(
    "audit_page",
    """
    SELECT sequence, at, body, hash FROM audit
    WHERE chain = $1::text COLLATE "C" AND sequence > $2::int8 ORDER BY sequence LIMIT $3::int8
    """)
}
