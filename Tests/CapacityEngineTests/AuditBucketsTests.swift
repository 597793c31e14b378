import Capacity
import Testing

@testable import CapacityEngine

/// What the audit log takes of each kind, by a wall clock.
struct AuditBucketsTests {
  private let start = Instant(seconds: 1_800_000_000)

  private func buckets(_ limits: AuditLimits) -> AuditBuckets { AuditBuckets(limits, at: start) }

  private func limits(perSecond: Int, burst: Int) -> AuditLimits {
    var limits = AuditLimits()
    limits.denials = RateLimit(perSecond: perSecond, burst: burst)
    return limits
  }

  @Test(arguments: AuditTrail.Budget.allCases)
  func eachHasABucketOfItsOwn(_ budget: AuditTrail.Budget) {
    let limits = AuditLimits()
    var buckets = buckets(limits)
    let taken = (0..<100_000).count { _ in buckets.take(from: budget, at: start) }
    #expect(taken == limits[budget].burst)
    for other in AuditTrail.Budget.allCases where other != budget {
      #expect(buckets.take(from: other, at: start) == true)
    }
  }

  @Test func aClockThatIsSetBackBringsNothingAndStopsNothing() {
    var buckets = buckets(limits(perSecond: 2, burst: 2))
    for expected in [true, true, false] {
      #expect(buckets.take(from: .denials, at: start) == expected)
    }
    // By an hour: not again full, and from there on it fills.
    let back = start - Interval(microseconds: 3_600_000_000)
    #expect(buckets.take(from: .denials, at: back) == false)
    #expect(buckets.take(from: .denials, at: back + Interval(microseconds: 499_999)) == false)
    #expect(buckets.take(from: .denials, at: back + Interval(microseconds: 500_000)) == true)
    #expect(buckets.take(from: .denials, at: back + Interval(microseconds: 500_000)) == false)
  }

  @Test(arguments: [Instant.distantFuture, .distantPast])
  func aClockThatLeapsFillsAtMost(_ leap: Instant) {
    var buckets = buckets(limits(perSecond: 1, burst: 3))
    for _ in 0..<3 { #expect(buckets.take(from: .denials, at: start) == true) }
    let taken = (0..<10).count { _ in buckets.take(from: .denials, at: leap) }
    #expect(taken == (leap > start ? 3 : 0))
  }
}
