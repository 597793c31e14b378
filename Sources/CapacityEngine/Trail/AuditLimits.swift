/// How much of what changes nothing the audit log takes, so that nobody can fill the disk with it: what comes beyond is counted.
package struct AuditLimits: Sendable {
  /// Of denials of callers whom somebody vouches for.
  package var denials = RateLimit(perSecond: 2, burst: 1_000)
  /// Of callers whom nobody knows. A bucket of their own: strangers cannot use up that of the others, of whom there is more to say.
  package var strangers = RateLimit(perSecond: 2, burst: 1_000)
  /// Of what operations read of people, or tried in vain. A bucket of its own: who is turned away cannot use it up.
  package var staff = RateLimit(perSecond: 20, burst: 2_000)
  /// Of what else operations read: the catalogue, availability.
  package var looks = RateLimit(perSecond: 2, burst: 500)
  /// Records that may wait for the store, of all kinds.
  package var waitingMax = 4_096
  /// Of these, records of callers whom nobody knows.
  package var strangersWaitingMax: Int { waitingMax / 4 }
  /// So often an entry says how many were not written, at most.
  package var countEverySeconds = 10.0

  package init() {}

  /// How many entries may come out of `budget`.
  subscript(budget: AuditTrail.Budget) -> RateLimit {
    switch budget {
    case .denials: denials
    case .strangers: strangers
    case .staff: staff
    case .looks: looks
    }
  }
}
