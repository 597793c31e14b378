/// One entry of the audit log, sealed: nothing of it ever changes.
package struct AuditEntry: Equatable, Sendable {
  package var chain: AuditChain
  /// Without gaps inside its chain, from 1.
  package var sequence: UInt64
  package var at: Instant
  /// All that it says, chain, sequence and time included.
  package var body: [UInt8]
  /// Over the hash of the entry before it, and `body`.
  package var hash: AuditHash

  package init(
    chain: AuditChain, sequence: UInt64, at: Instant, body: [UInt8], hash: AuditHash
  ) {
    self.chain = chain
    self.sequence = sequence
    self.at = at
    self.body = body
    self.hash = hash
  }
}
