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
    var living: Set<Entry> = []
    var found: [Entry] = []
    for number in UInt64(0)..<20_000 {
      let new = entry(.random(in: 0..<500, using: &random), number)
      living.insert(new)
      heap.insert(new, isAlive: living.contains)
      // Most end before their time, so that sweeps are under way most of the time.
      while living.count > 50, let ended = living.randomElement(using: &random) {
        living.remove(ended)
        heap.noteDead(isAlive: living.contains)
      }
      guard number % 97 == 0 else { continue }
      let first = heap.first(isAlive: living.contains)
      #expect(first == living.min(by: precedes), "seed \(Seed.value)")
    }
    let expected = living.sorted(by: precedes)
    while let first = heap.first(isAlive: living.contains) {
      found.append(first)
      living.remove(first)
    }
    #expect(found == expected, "seed \(Seed.value)")
  }

  @Test func theDeadAreSwept() {
    var heap = HoldHeap()
    let isAlive: (Entry) -> Bool = { $0.number % 100 == 0 }
    for number in UInt64(0)..<100_000 {
      // All of them run out behind the first living one, so none surfaces.
      let new = entry(Int64(number) + 1, number)
      heap.insert(new, isAlive: isAlive)
      if !isAlive(new) { heap.noteDead(isAlive: isAlive) }
      #expect(heap.count <= 4 * (Int(number) / 100 + 1) + 512)
    }
    #expect(heap.count >= 1000)
    var ended: Set<Entry> = []
    let isLeft: (Entry) -> Bool = { isAlive($0) && !ended.contains($0) }
    while let first = heap.first(isAlive: isLeft) { ended.insert(first) }
    #expect(ended.count == 1000)
  }

  /// A sweep of all at once is a pause for whoever waits.
  @Test func noChangeLooksAtMany() {
    var heap = HoldHeap()
    var looks = 0
    for number in UInt64(0)..<50_000 {
      heap.insert(entry(Int64(number), number), isAlive: { _ in true })
    }
    for _ in 0..<50_000 {
      looks = 0
      heap.noteDead { _ in
        looks += 1
        return false
      }
      #expect(looks <= 2)
    }
    #expect(heap.count <= 128)
  }

  /// What lives is not looked at: there may be millions.
  @Test func nothingIsSweptWhileAllLive() {
    var heap = HoldHeap()
    for number in UInt64(0)..<50_000 {
      heap.insert(entry(Int64(number), number)) { _ in
        Issue.record("nothing has ended")
        return true
      }
    }
  }

  /// Whatever a hold ends by, the heaps are told: else nothing would ever be swept.
  @Test func aLedgerTellsOfEveryEnd() {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    // It is the first of all to run out, so nothing that ended behind it surfaces.
    desk.reserve(line("ticket", 1), ttl: 60)
    let hall = PoolKey(resourceID: "hall", ordinal: 0)
    for number in UInt64(2)..<1_500 {
      desk.reserve(line("ticket", 1), ttl: 600)
      _ = desk.draft(
        .release(Command.Resolve(number: number, scope: .anyone, amounts: [], actor: "che")))
      // Put back, it is entered anew.
      desk.set.rollBack()
      desk.extend(number, 900)
      desk.release(number)
    }
    #expect(desk.set.holdsCount <= 300)
    #expect(desk.set.pools[hall]?.holds.count ?? 0 <= 300)
    #expect(desk.set.pools[hall]?.holds.count ?? 0 >= 1)
  }

  /// A sweep asks what lives, also one that begins with a hold that is just being read.
  @Test func whatIsReadWhileOthersAreSweptStays() {
    var desk = Desk()
    desk.put(stock("hall", 1_000))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    for _ in 0..<1_000 { desk.reserve(line("ticket", 1), ttl: 600) }
    for number in UInt64(1)...1_000 { desk.release(number) }
    let hall = PoolKey(resourceID: "hall", ordinal: 0)
    for number in UInt64(2_001)...2_400 {
      // Each runs out behind all others.
      desk.set.load(
        Reservation(
          number: number, buyerID: "bea", reference: "", idempotencyKey: "k\(number)",
          requestedTTL: nil,
          lines: [
            ReservationLine(
              productID: "ticket", sellerID: "sol", slot: "", quantity: 1,
              draws: [FrozenDraw(pool: hall, units: 1)])
          ], createdAt: desk.now, expiresAt: desk.now + Interval(seconds: Int64(number))))
      let read = Int(number - 2_000)
      #expect(desk.set.holdsCount >= read)
      #expect(desk.set.pools[hall]?.holds.count ?? 0 >= read)
    }
  }

  private func precedes(_ left: Entry, _ right: Entry) -> Bool {
    (left.expiresAt, left.number) < (right.expiresAt, right.number)
  }
}
