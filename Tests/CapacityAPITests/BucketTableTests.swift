import CapacityEngine
import SeededRandom
import Testing

@testable import CapacityAPI

/// Buckets of tokens for many callers, in bounded memory.
struct BucketTableTests {
  private func key(_ number: Int, _ rule: Int = 0) -> BucketTable.Key {
    .init(subject: "\(number)", rule: rule)
  }

  @Test func placesAreBoundedAndNobodyGetsAFreshBucketForDrivingOutTheOldOne() throws {
    let limit = try #require(RateLimit(calls: 1, seconds: 1, burst: 2))
    var table = BucketTable(placesMax: 100)
    func take(_ number: Int, _ now: Int64) -> Bool {
      table.take([(key(number), limit)], at: now) == nil
    }
    for number in 0..<100 { for _ in 0..<2 { #expect(take(number, 0)) } }
    // All others together have one bucket, and those who have theirs keep it.
    #expect((100..<10_000).count { take($0, 0) } == 2)
    #expect(table.count == 100)
    #expect(!(0..<100).contains { take($0, 0) })
    // Those that are full again can be forgotten: nothing is lost with them.
    let later: Int64 = 3_000_000_000
    #expect((10_000..<10_100).allSatisfy { take($0, later) && take($0, later) })
    #expect(table.count == 100)
    #expect(!(10_000..<10_100).contains { take($0, later) })
  }

  // Against one bucket for each, without a bound.
  @Test func whoeverCallsAPlaceNeverGivesMoreThanABucketOfOnesOwn() throws {
    var random = SplitMix("BucketTableTests")
    for _ in 0..<100 {
      let limit = try #require(
        RateLimit(calls: 10, seconds: 1, burst: .random(in: 1...5, using: &random)))
      var table = BucketTable(placesMax: 8)
      var alone: [Int: TokenBucket] = [:]
      var now: Int64 = 0
      for _ in 0..<600 {
        now += .random(in: 0...40_000_000, using: &random)
        let number = Int.random(in: 0..<24, using: &random)
        let wait = table.take([(key(number), limit)], at: now)
        guard wait == nil else { continue }
        let own = alone[number, default: TokenBucket(at: now)].wait(limit, at: now)
        #expect(own == nil)
        alone[number, default: TokenBucket(at: now)].take(limit, at: now)
      }
      #expect(table.count <= 8)
    }
  }

  @Test func allTokensOrNone() throws {
    let (many, one) = (
      try #require(RateLimit(calls: 1, seconds: 1, burst: 5)),
      try #require(RateLimit(calls: 1, seconds: 10, burst: 1))
    )
    var table = BucketTable(placesMax: 10)
    let both = [(key: key(1, 0), limit: many), (key: key(1, 1), limit: one)]
    #expect(table.take(both, at: 0) == nil)
    for _ in 0..<10 { #expect(table.take(both, at: 0) == 10_000_000_000) }
    // What was refused took nothing of the other bucket.
    for _ in 0..<4 { #expect(table.take([both[0]], at: 0) == nil) }
    #expect(table.take([both[0]], at: 0) == 1_000_000_000)
  }
}
