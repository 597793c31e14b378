/// How many may come: so many at once, and one more each time that an interval has gone by.
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

  /// A limit that the program sets itself: what ``init(calls:seconds:burst:)`` does not take is a mistake in its text.
  package init(perSecond calls: Int, burst: Int) {
    guard let limit = RateLimit(calls: calls, seconds: 1, burst: burst) else {
      preconditionFailure("\(calls) in a second and \(burst) at once is no limit")
    }
    self = limit
  }

  /// From an empty bucket to a full one, nanoseconds.
  var fillNanoseconds: Int64 { intervalNanoseconds * Int64(burst) }
}
