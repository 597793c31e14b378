internal import Capacity

/// The buckets that what is noted is counted against, one for each budget.
struct AuditBuckets {
  /// Further than this no bucket needs to look back: it is full by then.
  private static let stepMax = Interval(microseconds: 31 * 86_400 * 1_000_000)

  private let limits: AuditLimits
  private var buckets: [AuditTrail.Budget: TokenBucket]
  // A wall clock may be set back, the buckets' must not: theirs counts its steps forward.
  private var lastSeen: Instant
  private var elapsedNanoseconds: Int64 = 0

  /// Full ones.
  init(_ limits: AuditLimits, at now: Instant) {
    self.limits = limits
    lastSeen = now
    let full = AuditTrail.Budget.allCases.map { ($0, TokenBucket(at: 0)) }
    buckets = Dictionary(uniqueKeysWithValues: full)
  }

  /// Takes a token; answers whether there was one. A clock that goes back brings nothing.
  mutating func take(from budget: AuditTrail.Budget, at now: Instant) -> Bool {
    if now > lastSeen {
      let step = min(now, lastSeen + Self.stepMax).microseconds - lastSeen.microseconds
      elapsedNanoseconds += step * 1_000
    }
    lastSeen = now
    let limit = limits[budget]
    guard buckets[budget]?.wait(limit, at: elapsedNanoseconds) == nil else { return false }
    buckets[budget]?.take(limit, at: elapsedNanoseconds)
    return true
  }
}
