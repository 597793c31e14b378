/// Microseconds since the process first asked, by a clock that never goes back and that nobody sets: what waiting is measured by.
enum MonotonicClock {
  private static let start = ContinuousClock.now

  @Sendable
  static func now() -> Int64 { microseconds(.now) }

  static func microseconds(_ instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = (instant - start).components
    // What is further away than anybody waits.
    guard abs(seconds) < 1 << 40 else { return seconds < 0 ? .min / 4 : .max / 4 }
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}
