import SeededRandom
import Testing

@testable import Load

@Suite struct HistogramTests {
  @Test func nothingIsZero() {
    let histogram = Histogram()
    #expect(histogram.count == 0 && histogram.max == 0 && histogram.value(atShare: 0.99) == 0)
  }

  @Test(arguments: [0, 1, 127, 128, 255, 256, 257, 511, 512, 1_000_000, Histogram.valueMax])
  func oneValueIsFoundAtEveryShare(_ value: UInt64) {
    var histogram = Histogram()
    histogram.record(value)
    for share in [0.001, 0.5, 0.999, 1] { #expect(histogram.value(atShare: share) == value) }
  }

  @Test func beyondTheLongestIsTheLongestBucket() {
    var histogram = Histogram()
    histogram.record(.max)
    histogram.record(1)
    #expect(histogram.max == .max && histogram.value(atShare: 1) == Histogram.valueMax)
  }

  /// What is read back is what was recorded, or above it by less than one part in 128.
  @Test func theErrorIsAsStated() {
    var random = SplitMix("histogram")
    for _ in 0..<300 {
      let count = Int.random(in: 1...500, using: &random)
      let values = (0..<count).map { _ in Self.value(&random) }.sorted()
      var histogram = Histogram()
      for value in values { histogram.record(value) }
      for share in [0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
        let exact = values[max(0, Int((Double(count) * share).rounded(.up)) - 1)]
        let found = histogram.value(atShare: share)
        #expect(found >= exact && found - exact <= exact / 128, "\(share) of \(values)")
      }
      #expect(histogram.count == UInt64(count) && histogram.max == values[count - 1])
    }
  }

  @Test func addingIsRecordingBoth() {
    var random = SplitMix("histogram")
    var (first, second, both) = (Histogram(), Histogram(), Histogram())
    for index in 0..<1_000 {
      let value = Self.value(&random)
      if index % 3 == 0 { first.record(value) } else { second.record(value) }
      both.record(value)
    }
    first.add(second)
    #expect(first == both)
  }

  // As many of each length in bits.
  private static func value(_ random: inout SplitMix) -> UInt64 {
    let bits = UInt64.random(in: 0...41, using: &random)
    return UInt64.random(in: 0...(1 << bits), using: &random)
  }
}
