/// What a peer may spend on something that costs us and brings nothing: a burst, filled up again by time and by use.
struct Allowance {
  private let burst: Int64
  private let perSecond: Int64
  /// In thousandths, so that every millisecond counts.
  private var left: Int64
  private var filledAt: Int64?

  init(burst: Int, perSecond: Int) {
    (self.burst, self.perSecond) = (Int64(burst) * 1_000, Int64(perSecond))
    left = self.burst
  }

  var isSpent: Bool { left < 0 }

  mutating func spend() {
    left -= 1_000
  }

  mutating func earn(_ count: Int64) {
    left = min(burst, left + count * 1_000)
  }

  /// Fills up for the time since the last call; `now` is any monotonic clock.
  mutating func fill(atMilliseconds now: Int64) {
    if let filledAt, now > filledAt {
      // A minute fills any burst that makes sense, and keeps the product small.
      left = min(burst, left + min(now - filledAt, 60_000) * perSecond)
    }
    filledAt = now
  }
}
