/// A point in time: microseconds since 1970-01-01T00:00:00Z. Finer parts of a second are cut off at the border.
package struct Instant: Hashable, Comparable, Sendable, Codable {
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// At the ends of what 64 bits can count it stays there.
  package init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    microseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// The whole seconds before or at this instant.
  package var seconds: Int64 {
    let quotient = microseconds / 1_000_000
    return microseconds % 1_000_000 < 0 ? quotient - 1 : quotient
  }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The instant `interval` later; at the ends of what 64 bits can count it stays there.
  package static func + (instant: Instant, interval: Interval) -> Instant {
    let (sum, overflow) = instant.microseconds.addingReportingOverflow(interval.microseconds)
    guard overflow else { return Instant(microseconds: sum) }
    return interval.microseconds > 0 ? .distantFuture : .distantPast
  }

  /// The instant `interval` earlier; at the ends of what 64 bits can count it stays there.
  package static func - (instant: Instant, interval: Interval) -> Instant {
    instant + Interval(microseconds: -interval.microseconds)
  }

  package static let distantPast = Instant(microseconds: .min)
  package static let distantFuture = Instant(microseconds: .max)
}
