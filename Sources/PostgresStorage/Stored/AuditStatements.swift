import Capacity
import CapacityEngine

/// The statements that append to the audit log.
enum AuditStatements {
  /// Writers with a chain of their own, at most; more would share the first.
  static let slotsMax = 64

  static func insert(_ entries: [AuditEntry]) throws(StorageError) -> Query {
    var values = Values()
    values.append(entries.map(\.chain.name))
    values.append(entries.map { Int64(bitPattern: $0.sequence) })
    values.append(entries.map(\.at.microseconds))
    try values.append(array: .text, count: entries.count, reserving: 512) { index, bytes in
      bytes += entries[index].body
    }
    values.append(entries.map(\.hash.text))
    return Query(insertEntries, values)
  }

  /// Writes the end of the lane's chain.
  static func update(_ head: AuditHead) -> Query {
    var values = Values()
    values.append(head.sequence)
    values.append(head.hash.text)
    return Query(updateLane, values)
  }

  /// Writes the end of a chain that is no lane's.
  static func update(_ head: AuditHead, of chain: AuditChain) -> Query {
    var values = Values()
    values.append(head.sequence)
    values.append(head.hash.text)
    values.append(chain.name)
    return Query(updateChain, values)
  }

  static func make(_ chain: AuditChain) -> Query {
    var values = Values()
    values.append(chain.name)
    return Query(makeChain, values)
  }

  static func lock(_ chain: AuditChain) -> Query {
    var values = Values()
    values.append(chain.name)
    return Query(lockChain, values)
  }

  /// Answers 1 where this connection now has the slot, until it ends.
  static func take(slot number: Int, _ schema: String) -> Query {
    var values = Values()
    values.append("cupo audit \(schema) \(number)")
    return Query(once: "SELECT pg_try_advisory_lock(hashtext($1::text))::int::int8", values)
  }

  private static let insertEntries = Statement(
    "insert_audit",
    """
    INSERT INTO audit (chain, sequence, at, body, hash)
    SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[], $4::text[], $5::text[])
    """)

  private static let updateLane = Statement(
    "update_lane_audit",
    "UPDATE lane SET audit_sequence = $1::int8, audit_hash = $2::text WHERE id = 0")

  private static let makeChain = Statement(
    "make_audit_chain",
    "INSERT INTO audit_chain VALUES ($1::text, 0, '') ON CONFLICT DO NOTHING")

  private static let lockChain = Statement(
    "lock_audit_chain",
    "SELECT sequence, hash FROM audit_chain WHERE chain = $1::text COLLATE \"C\" FOR UPDATE")

  private static let updateChain = Statement(
    "update_audit_chain",
    """
    UPDATE audit_chain SET sequence = $1::int8, hash = $2::text
    WHERE chain = $3::text COLLATE "C"
    """)
}
