/// How much of what changes nothing the audit log takes, so that nobody can fill the disk with it: what comes beyond is counted.
package struct AuditLimits: Sendable {
  /// A bucket of tokens: each entry takes one.
  package struct Rate: Sendable {
    /// Tokens of a full bucket.
    package var burst: Int
    package var perSecond: Double

    package init(burst: Int, perSecond: Double) {
      self.burst = burst
      self.perSecond = perSecond
    }
  }

  /// Of denials.
  package var denials = Rate(burst: 1_000, perSecond: 2)
  /// Of what operations read of people, or tried in vain. A bucket of its own: who is turned away cannot use it up.
  package var staff = Rate(burst: 2_000, perSecond: 20)
  /// Of what else operations read: the catalogue, availability.
  package var looks = Rate(burst: 500, perSecond: 2)
  /// Records that may wait for the store, of all kinds.
  package var waitingMax = 4_096
  /// So often an entry says how many were not written, at most.
  package var countEverySeconds = 10.0

  package init() {}
}
