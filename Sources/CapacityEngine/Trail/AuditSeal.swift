package import Capacity
internal import HashChain

/// Turns records into entries of a chain, and reads them back.
///
/// The one thing to know before changing it: what is hashed is the stored text itself, so a new form of it may be written from
/// some entry on, and all before stays valid; but what was ever written must be readable for ever.
package enum AuditSeal {
  // As JSON, so that an operator can read it in the table.
  private struct Body: Codable {
    var chain: String
    var sequence: UInt64
    var record: AuditRecord
  }

  /// The next entry of `chain`; `head` becomes its end.
  ///
  /// - Throws: `corrupt` where it has no JSON.
  package static func entry(
    _ record: AuditRecord, in chain: AuditChain, onto head: inout AuditHead
  ) throws(StorageError) -> AuditEntry {
    let sequence = head.sequence + 1
    let body = try RecordCodec.json(
      Body(chain: chain.name, sequence: sequence, record: record), "an audit entry")
    head = AuditHead(sequence: sequence, hash: HashChain.hash(after: head.hash, body))
    return AuditEntry(
      chain: chain, sequence: sequence, at: record.at, body: body, hash: head.hash)
  }

  /// What `entry` says.
  ///
  /// - Throws: `corrupt` where its text is not what this version understands, or is that of another entry.
  package static func record(of entry: AuditEntry) throws(StorageError) -> AuditRecord {
    let body: Body = try RecordCodec.value(entry.body, "audit entry")
    guard body.chain == entry.chain.name, body.sequence == entry.sequence,
      body.record.at == entry.at
    else {
      throw StorageError(
        .corrupt, "it has the text of entry \(body.sequence) of \(body.chain), or another time")
    }
    return body.record
  }
}

extension ChangeSet {
  /// Adds an entry to the lane's chain of the audit log.
  package mutating func seal(_ record: AuditRecord) throws(StorageError) {
    audit.append(try AuditSeal.entry(record, in: .lane, onto: &counters.audit))
  }
}
