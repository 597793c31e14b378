import SeededRandom
import Testing

@testable import Capacity

struct SplitTableTests {
  /// It is what one table would be, and copies do not change with it.
  @Test func itIsOneTable() {
    var random = SplitMix(seed: Seed.value)
    var table = SplitTable<Int>()
    var model: [String: Int] = [:]
    var copies: [(table: SplitTable<Int>, model: [String: Int])] = []
    for step in 0..<5_000 {
      let id = "id-\(Int.random(in: 0..<800, using: &random))"
      let value = Int.random(in: 0..<4, using: &random) == 0 ? nil : step
      table[id] = value
      model[id] = value
      #expect(table[id] == value, "CUPO_SEED=\(Seed.value) after \(step) steps")
      if step % 500 == 0 { copies.append((table, model)) }
    }
    copies.append((table, model))
    for copy in copies {
      #expect(
        copy.table.values.sorted() == copy.model.values.sorted(), "CUPO_SEED=\(Seed.value)")
      for id in (0..<800).map({ "id-\($0)" }) {
        #expect(copy.table[id] == copy.model[id], "CUPO_SEED=\(Seed.value)")
      }
    }
  }
}
