import Capacity

/// Tokens that come back with time.
struct TokenBucket: Sendable {
  private let rate: AuditLimits.Rate
  private var tokens: Double
  private var filledAt: Instant

  init(_ rate: AuditLimits.Rate, at now: Instant) {
    self.rate = rate
    tokens = Double(rate.burst)
    filledAt = now
  }

  /// Answers whether there was one. A clock that goes back brings nothing.
  mutating func take(at now: Instant) -> Bool {
    let seconds = Double(max(0, now.microseconds - filledAt.microseconds)) / 1_000_000
    tokens = min(Double(rate.burst), tokens + seconds * rate.perSecond)
    filledAt = now
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
