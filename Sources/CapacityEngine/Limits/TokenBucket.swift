/// A bucket of tokens, one of which each call takes. Pure: what it knows is when it will be full again (the generic cell rate
/// algorithm, ITU-T I.371), by a clock in nanoseconds that never goes back.
package struct TokenBucket: Equatable, Sendable {
  /// From then on it is as good as new.
  private var fullAt: Int64

  /// A full one.
  package init(at now: Int64) { fullAt = now }

  /// How long until it has a token, nanoseconds; nil: it has one.
  package func wait(_ limit: RateLimit, at now: Int64) -> Int64? {
    let missing = max(0, fullAt - now)
    let room = limit.fillNanoseconds - limit.intervalNanoseconds
    return missing <= room ? nil : missing - room
  }

  /// Takes a token, which must be there.
  package mutating func take(_ limit: RateLimit, at now: Int64) {
    fullAt = max(fullAt, now) + limit.intervalNanoseconds
  }

  package func isFull(at now: Int64) -> Bool { fullAt <= now }
}
