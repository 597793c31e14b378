import Capacity
import CapacityEngine

/// Appends to the audit log, inside a transaction of whoever has the connection.
final class AuditWriter {
  private let entry: Statement
  private let head: Statement

  init(_ connection: Connection) throws(StorageError) {
    entry = try connection.prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?)")
    head = try connection.prepare(
      """
      INSERT INTO audit_chain VALUES (?, ?, ?) ON CONFLICT DO UPDATE
      SET sequence = excluded.sequence, hash = excluded.hash
      """)
  }

  func write(_ written: AuditEntry) throws(StorageError) {
    let name = Array(written.chain.name.utf8)
    let hash = Array(written.hash.text.utf8)
    let border = name.count + hash.count
    try entry.run(lending: name + hash + written.body) { values in
      values.bind(1, textIn: 0..<name.count)
      values.bind(2, written.sequence)
      values.bind(3, written.at.microseconds)
      values.bind(4, textFrom: border)
      values.bind(5, textIn: name.count..<border)
    }
  }

  /// Writes the end of a chain that is no lane's.
  func write(_ end: AuditHead, of chain: AuditChain) throws(StorageError) {
    let border = chain.name.utf8.count
    try head.run(lending: Array(chain.name.utf8) + Array(end.hash.text.utf8)) { values in
      values.bind(1, textIn: 0..<border)
      values.bind(2, end.sequence)
      values.bind(3, textFrom: border)
    }
  }
}
