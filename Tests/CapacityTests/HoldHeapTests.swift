import SeededRandom
import Testing

@testable import Capacity

/// The order in which holds run out, and how many dead ones are kept.
struct HoldHeapTests {
  private typealias Entry = HoldHeap.Entry

  private func entry(_ second: Int64, _ number: UInt64) -> HoldHeap.Entry {
    HoldHeap.Entry(expiresAt: Instant(seconds: second), number: number)
  }

  @Test func comesOutInOrder() {
    var random = SplitMix(seed: Seed.value)
    var heap = HoldHeap()
    var expected: [HoldHeap.Entry] = []
    for number in UInt64(0)..<5000 {
      let new = entry(.random(in: 0..<500, using: &random), number)
      expected.append(new)
      heap.insert(new) { _ in true }
    }
    expected.sort { ($0.expiresAt, $0.number) < ($1.expiresAt, $1.number) }
    var found: [HoldHeap.Entry] = []
    while let first = heap.first(isAlive: { _ in true }) {
      found.append(first)
      heap.removeFirst()
    }
    #expect(found == expected, "seed \(Seed.value)")
  }

  @Test func theDeadAreSwept() {
    var heap = HoldHeap()
    let isAlive: (HoldHeap.Entry) -> Bool = { $0.number % 100 == 0 }
    for number in UInt64(0)..<100_000 {
      // All of them run out behind the first living one, so none surfaces.
      heap.insert(entry(Int64(number) + 1, number), isAlive: isAlive)
      #expect(heap.count <= 2 * (Int(number) / 100 + 1) + 1024)
    }
    var living = 0
    while heap.first(isAlive: isAlive) != nil {
      heap.removeFirst()
      living += 1
    }
    #expect(living == 1000)
  }
}
