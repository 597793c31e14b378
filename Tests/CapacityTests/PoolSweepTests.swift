import SeededRandom
import Testing

@testable import Capacity

/// Rows of pools are written behind the log, and never so that anything is lost.
struct PoolSweepTests {
  private static let limits = [
    PoolSweep.Limits(atOnceMax: 64),
    PoolSweep.Limits(atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1),
    PoolSweep.Limits(atOnceMax: 2, rowsMin: 1, eventsPerRow: 3, keysMax: 2),
    PoolSweep.Limits(atOnceMax: 4, rowsMin: 3, eventsPerRow: 2, keysMax: 9),
  ]

  @Test(arguments: limits, 1...3)
  func rowsAndLogAreWhatNodesKnow(_ limits: PoolSweep.Limits, nodes: Int) {
    var random = SplitMix("rows and log")
    var lagging = 0
    for _ in 0..<15 {
      var store = SweptStore(seed: random.next(), nodes: nodes, limits)
      for _ in 0..<150 where store.differences.isEmpty { store.step() }
      store.settle()
      #expect(store.differences == [])
      lagging += store.laggingCount
      guard store.differences.isEmpty else { return }
    }
    // Few pools never lag, and with small limits most batches leave something behind.
    #expect(limits.atOnceMax >= SweptStore.resourcesCount ? lagging == 0 : lagging > 50)
  }

  @Test func aRoundWritesEachPoolOnceAndMovesThePromise() {
    var sweep = PoolSweep(limits: PoolSweep.Limits(atOnceMax: 1))
    let keys = (0..<20).map { PoolKey(resourceID: "r", ordinal: $0) }
    for key in keys.shuffled() { sweep.unwritten.insert(key) }
    sweep.begin(at: 77)
    sweep.begin(at: 99)
    #expect(sweep.takeNext(8) == Array(keys[..<8]))
    // Behind the sweep and before it.
    sweep.unwritten.insert(keys[3])
    #expect(sweep.takeNext(8) == Array(keys[8..<16]) && sweep.end() == nil)
    #expect(sweep.takeNext(8) == Array(keys[16...]) && sweep.end() == 77)
    #expect(sweep.end() == nil && sweep.isLittle)
    sweep.begin(at: 99)
    #expect(sweep.takeNext(8) == [keys[3]] && sweep.end() == 99)
    #expect(sweep.rows(events: 250) == 31 && sweep.rows(events: 30) == 8)
  }

  @Test func sortedPoolsAreASortedSet() {
    var random = SplitMix("sorted pools")
    var sorted = SortedPools()
    var model: Set<PoolKey> = []
    for _ in 0..<20_000 {
      let key = PoolKey(
        resourceID: "r\(Int.random(in: 0..<9, using: &random))",
        ordinal: .random(in: -99...99, using: &random))
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<6: #expect(sorted.insert(key) == model.insert(key).inserted)
      case 6, 7:
        sorted.remove(key)
        model.remove(key)
      case 8:
        let limit = Int.random(in: 0...5, using: &random)
        let expected = model.filter { key < $0 }.sorted().prefix(limit)
        #expect(sorted.hasMore(behind: key) == model.contains { key < $0 })
        #expect(sorted.take(limit, behind: key) == Array(expected))
        model.subtract(expected)
      default: #expect(sorted.count == model.count)
      }
    }
    #expect(sorted.take(.max, behind: nil) == model.sorted() && sorted.isEmpty)
    #expect(!sorted.hasMore(behind: nil))
  }
}
