import Testing

@testable import CapacityEngine

/// Estimates for progress, without counting.
@Suite struct RecordCountTests {
  private func estimate(_ ranges: [ClosedRange<UInt64>], after first: UInt64 = 0) -> (
    Int, looks: Int
  ) {
    var looks = 0
    let last = ranges.last?.upperBound ?? 0
    let next = { (number: UInt64) throws(StorageError) -> UInt64? in
      looks += 1
      return ranges.lazy.compactMap { range in
        number < range.upperBound ? max(range.lowerBound, number + 1) : nil
      }.first
    }
    do throws(StorageError) {
      return (try RecordCount.estimate(after: first, through: last, next: next), looks)
    } catch {
      return (-1, looks)
    }
  }

  @Test func whatFollowsOneAnotherIsCounted() {
    #expect(estimate([]).0 == 0)
    #expect(estimate([1...1]).0 == 1)
    #expect(estimate([1...5_000_000]).0 == 5_000_000)
    #expect(estimate([1...5_000_000], after: 4_000_000).0 == 1_000_000)
    #expect(estimate([900_000...1_000_000]).0 == 100_001)
  }

  @Test func holesOfRestoresAreLeftOut() {
    let hole: UInt64 = 1 << 40
    for (before, after) in [(10, 10), (5_000_000, 3), (7, 9_000_000)] as [(UInt64, UInt64)] {
      let found = estimate([1...before, before + hole...before + hole + after])
      let exact = Int(before + after) + 1
      #expect((exact...exact + 1_100).contains(found.0), "\(before), \(after): \(found.0)")
      #expect(found.looks < 150)
    }
  }
}
