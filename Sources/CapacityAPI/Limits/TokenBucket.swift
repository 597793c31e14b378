/// How many calls may come: so many at once, and one more each time that an interval has gone by.
package struct RateLimit: Equatable, Sendable {
  /// Until a token comes back, nanoseconds.
  package let intervalNanoseconds: Int64
  /// Tokens that a full bucket has.
  package let burst: Int

  /// - Parameters:
  ///   - calls: in each `seconds`; 1 to 1,000,000 in a second.
  ///   - burst: calls that may come at once, 1 to 1,000,000.
  /// - Returns: nil outside of these.
  package init?(calls: Int, seconds: Int, burst: Int) {
    let most = 1_000_000
    guard (1...most).contains(burst), (1...86_400).contains(seconds),
      (1...most * seconds).contains(calls)
    else { return nil }
    let interval = max(1, Int64(seconds) * 1_000_000_000 / Int64(calls))
    // A bucket that takes a month to fill is a mistake.
    guard interval <= 30 * 86_400 * 1_000_000_000 / Int64(burst) else { return nil }
    intervalNanoseconds = interval
    self.burst = burst
  }

  /// From an empty bucket to a full one, nanoseconds.
  var fillNanoseconds: Int64 { intervalNanoseconds * Int64(burst) }
}

/// A bucket of tokens, one of which each call takes. Pure: what it knows is when it will be full again (the generic cell rate
/// algorithm, ITU-T I.371), by a clock in nanoseconds that never goes back.
struct TokenBucket: Equatable, Sendable {
  /// From then on it is as good as new.
  private(set) var fullAt: Int64

  /// A full one.
  init(at now: Int64) { fullAt = now }

  /// How long until it has a token, nanoseconds; nil: it has one.
  func wait(_ limit: RateLimit, at now: Int64) -> Int64? {
    let missing = max(0, fullAt - now)
    let room = limit.fillNanoseconds - limit.intervalNanoseconds
    return missing <= room ? nil : missing - room
  }

  /// Takes a token, which must be there.
  mutating func take(_ limit: RateLimit, at now: Int64) {
    fullAt = max(fullAt, now) + limit.intervalNanoseconds
  }

  func isFull(at now: Int64) -> Bool { fullAt <= now }
}
