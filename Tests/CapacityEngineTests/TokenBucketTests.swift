import SeededRandom
import Testing

@testable import CapacityEngine

/// Buckets of tokens: times in, decisions out.
struct TokenBucketTests {
  @Test func whatCanBeALimit() {
    #expect(RateLimit(calls: 1, seconds: 1, burst: 1)?.intervalNanoseconds == 1_000_000_000)
    #expect(RateLimit(calls: 3, seconds: 60, burst: 9)?.intervalNanoseconds == 20_000_000_000)
    #expect(RateLimit(calls: 1_000_000, seconds: 1, burst: 1_000_000) != nil)
    for (calls, seconds, burst) in [
      (0, 1, 1), (1, 0, 1), (1, 1, 0), (1_000_001, 1, 1), (1, 86_401, 1), (1, 1, 1_000_001),
      (-1, 1, 1), (1, 86_400, 100),
    ] {
      #expect(RateLimit(calls: calls, seconds: seconds, burst: burst) == nil)
    }
  }

  // However the calls come: never more than the burst and what has come back since; and whoever waits as long as it is told
  // is let in, a nanosecond earlier not.
  @Test func noMoreThanTheLimitAndWaitsAreTrue() throws {
    var random = SplitMix("TokenBucketTests")
    for _ in 0..<300 {
      let limit = try #require(
        RateLimit(
          calls: .random(in: 1...1_000, using: &random),
          seconds: .random(in: 1...60, using: &random),
          burst: .random(in: 1...50, using: &random)))
      var now = Int64.random(in: 0...(1 << 60), using: &random)
      var bucket = TokenBucket(at: now)
      var taken: [Int64] = []
      for _ in 0..<300 {
        now += .random(in: 0...2 * limit.intervalNanoseconds, using: &random) / 2
        guard let wait = bucket.wait(limit, at: now) else {
          bucket.take(limit, at: now)
          taken.append(now)
          continue
        }
        #expect(wait > 0 && wait <= limit.intervalNanoseconds)
        #expect(bucket.wait(limit, at: now + wait) == nil)
        #expect(bucket.wait(limit, at: now + wait - 1) == 1)
      }
      for (index, first) in taken.enumerated() {
        for (more, last) in taken[index...].enumerated() {
          let back = (last - first) / limit.intervalNanoseconds
          guard more + 1 <= limit.burst + Int(back) + 1 else {
            Issue.record("\(more + 1) calls in \(last - first) ns of \(limit)")
            return
          }
        }
      }
    }
  }

  @Test func aBucketFillsUpAndNoFurther() throws {
    let limit = try #require(RateLimit(calls: 1, seconds: 1, burst: 3))
    var bucket = TokenBucket(at: 0)
    for _ in 0..<3 {
      #expect(bucket.wait(limit, at: 0) == nil)
      bucket.take(limit, at: 0)
    }
    #expect(bucket.wait(limit, at: 0) == 1_000_000_000)
    let later: Int64 = 3_600_000_000_000
    #expect(bucket.isFull(at: later))
    for _ in 0..<3 { bucket.take(limit, at: later) }
    #expect(bucket.wait(limit, at: later) == 1_000_000_000)
  }
}
