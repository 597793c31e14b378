import SeededRandom
import Testing

@testable import CapacityEngine

/// What the lane's queue is judged by: times in, times out.
struct WaitEstimateTests {
  private func taught(
    _ batches: some Sequence<(count: Int, microseconds: Int64)>, largest: Int = 2_048
  ) -> (estimate: WaitEstimate, now: Int64) {
    var estimate = WaitEstimate(largest: largest)
    var now: Int64 = 0
    for batch in batches {
      estimate.began(count: batch.count, at: now)
      now += batch.microseconds
      estimate.ended(at: now)
    }
    return (estimate, now)
  }

  @Test func withoutEvidenceItIsHopeful() {
    let estimate = WaitEstimate()
    #expect(estimate.wait(behind: 0, at: 5) == 0)
    #expect(estimate.wait(behind: 65_536, at: 5) == 0)
    #expect(!estimate.isLong(behind: 65_536, 1))
    #expect(estimate.batchMax == 2_048)
  }

  @Test func whatABatchTakesIsFound() {
    var random = SplitMix("WaitEstimateTests")
    for _ in 0..<200 {
      let fixed = Int64.random(in: 0...20_000, using: &random)
      let each = Int64.random(in: 1...2_000, using: &random)
      let batches = (0..<60).map { _ in
        let count = Int.random(in: 1...1_000, using: &random)
        return (count: count, microseconds: fixed + each * Int64(count))
      }
      let (estimate, now) = taught(batches)
      #expect(abs(estimate.each - Double(each)) < 0.01 * Double(each) + 0.1)
      #expect((32...2_048).contains(estimate.batchMax))
      // Never less for more.
      var last: Int64 = 0
      for waiting in stride(from: 0, through: 10_000, by: 500) {
        let wait = estimate.wait(behind: waiting, at: now)
        #expect(wait >= last)
        last = wait
      }
      #expect(last > 9_900 * each)
    }
  }

  @Test func aBurstBehindSingleCallsIsNotTakenForAWait() {
    // Each of a thousand commits took a millisecond, with one call in it: of a hundred calls nothing is known.
    var (estimate, now) = taught((0..<1_000).map { _ in (count: 1, microseconds: 1_000) })
    estimate.began(count: 1, at: now)
    #expect(estimate.wait(behind: 100, at: now) < 3_000)
    now += 1_000
    estimate.ended(at: now)
  }

  @Test func batchesThatAreAlikeKeepWhatWasKnown() {
    let first = (1...20).map { (count: $0, microseconds: Int64(1_000 * $0)) }
    let then = (0..<500).map { _ in (count: 20, microseconds: Int64(20_000)) }
    let (estimate, now) = taught(first + then)
    #expect(abs(estimate.each - 1_000) < 1)
    // 20 at a time in 20 ms.
    #expect(estimate.batchMax == 32)
    #expect(abs(estimate.wait(behind: 319, at: now) - 320_000) < 3_000)
  }

  @Test func alikeFromTheBeginningTheyCountAsWholeBatches() {
    let (estimate, now) = taught(
      (0..<50).map { _ in (count: 8, microseconds: 40_000) }, largest: 8)
    #expect(estimate.wait(behind: 80, at: now) >= 10 * 40_000)
  }

  @Test func aBatchThatIsStuckIsBelievedToNeedAsLongAgain() {
    var (estimate, now) = taught((0..<50).map { _ in (count: 1, microseconds: 1_000) })
    estimate.began(count: 1, at: now)
    #expect(estimate.wait(behind: 0, at: now) <= 2_100)
    now += 5_000_000
    #expect(estimate.wait(behind: 0, at: now) > 4_000_000)
    #expect(estimate.isLong(behind: 256, 1_000_000))
  }

  @Test func oneStallIsForgotten() {
    var (estimate, now) = taught((1...50).map { (count: $0, microseconds: Int64(10 * $0)) })
    estimate.began(count: 500, at: now)
    now += 60_000_000
    estimate.ended(at: now)
    #expect(estimate.wait(behind: 0, at: now) > 10_000)
    for count in 1...100 {
      estimate.began(count: count, at: now)
      now += Int64(10 * count)
      estimate.ended(at: now)
    }
    #expect(estimate.wait(behind: 0, at: now) < 2_000)
  }

  @Test func clocksThatJumpBreakNothing() {
    var random = SplitMix("WaitEstimateTests")
    for _ in 0..<200 {
      var estimate = WaitEstimate()
      for _ in 0..<50 {
        estimate.began(
          count: .random(in: 1...2_048, using: &random),
          at: .random(in: -(1 << 40)...(1 << 40), using: &random))
        estimate.ended(at: .random(in: -(1 << 40)...(1 << 40), using: &random))
        let wait = estimate.wait(behind: .random(in: 0...131_072, using: &random), at: 0)
        #expect(wait >= 0 && wait <= 1_000_000_000_000_000)
        #expect((32...2_048).contains(estimate.batchMax))
      }
    }
  }
}
