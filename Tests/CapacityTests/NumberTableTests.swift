import SeededRandom
import Testing

@testable import Capacity

/// A table in pages, against a dictionary.
struct NumberTableTests {
  @Test func isADictionary() {
    var random = SplitMix(seed: Seed.value)
    var table = NumberTable<UInt64>()
    var expected: [UInt64: UInt64] = [:]
    for step in UInt64(0)..<20_000 {
      let number = UInt64.random(in: 0..<1_000, using: &random)
      let value = Int.random(in: 0..<3, using: &random) == 0 ? step : nil
      let before = expected[number]
      expected[number] = value
      #expect(table.update(value, at: number) == before, "seed \(Seed.value)")
      #expect(table[number] == value, "seed \(Seed.value)")
      #expect(table.count == expected.count, "seed \(Seed.value)")
    }
    #expect(table.values.sorted() == expected.values.sorted(), "seed \(Seed.value)")
  }

  @Test func pagesGoWithTheirLastValue() {
    var table = NumberTable<Int>()
    for number in UInt64(1)...10_000 { table[number] = 1 }
    #expect(table.pagesCount == 157)
    for number in UInt64(1)...10_000 where number % 5_000 != 0 { table[number] = nil }
    #expect(table.pagesCount == 2)
    table[5_000] = nil
    table[10_000] = nil
    #expect(table.pagesCount == 0)
    #expect(table[1 << 60] == nil)
  }
}
