/// The end of a chain of the audit log: how many entries it has, and the hash of the last. It is kept apart from the entries,
/// so that a chain that is cut off at its end does not look whole.
package struct AuditHead: Hashable, Sendable {
  /// Of the last entry; 0: there is none.
  package var sequence: UInt64
  package var hash: AuditHash

  package init(sequence: UInt64 = 0, hash: AuditHash = .zero) {
    self.sequence = sequence
    self.hash = hash
  }
}
