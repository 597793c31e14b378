import Capacity
import MemoryStorage
import SeededRandom
import Testing

@testable import CapacityEngine

/// Pages of the log for many readers.
@Suite(.timeLimit(.minutes(5)))
struct EventFeedTests {
  private func follow(_ engine: Engine, to end: UInt64, limit: Int) async throws -> [Event] {
    var events: [Event] = []
    while events.last?.sequence ?? 0 < end {
      let last = events.last?.sequence ?? 0
      let page = try await engine.events.page(after: last, limit: limit)
      guard case .events(let part) = page else { break }
      #expect(part.count <= limit)
      events += part
    }
    return events
  }

  @Test func readersOfAnySpeedSeeTheSameLog() async throws {
    let shop = try await Shop()
    try await shop.open(1000)
    let engine = shop.engine
    let total: UInt64 = 2 + 200
    async let readers = withThrowingTaskGroup(of: [Event].self) { group in
      for limit in [1, 7, 100, 500] {
        group.addTask { try await follow(engine, to: total, limit: limit) }
      }
      return try await group.reduce(into: [[Event]]()) { $0.append($1) }
    }
    for index in 0..<200 { _ = try await engine.execute(Shop.reserve("k\(index)")) }
    let seen = try await readers
    let stored = shop.store
    await engine.stop()
    let storage = try MemoryStorage(stored)
    let all = try storage.events(after: 0, limit: 1000)
    #expect(all.map(\.sequence) == Array(1...total))
    for events in seen { #expect(events == all) }
    storage.close()
  }

  @Test func aReaderSleepsUntilSomethingHappens() async throws {
    let shop = try await Shop()
    try await shop.open(10)
    let reader = try shop.engine.events.reader()
    let before = shop.engine.events.position
    #expect(await reader.wait(atMost: 0.01))
    async let woken = reader.wait(atMost: 30)
    _ = try await shop.engine.execute(Shop.reserve("a"))
    #expect(await woken)
    #expect(shop.engine.events.position == before + 1)
    async let ended = reader.wait(atMost: 30)
    shop.engine.endSubscriptions()
    #expect(await ended == false)
    #expect(throws: EngineError.stopping) { try shop.engine.events.reader() }
    await shop.engine.stop()
    await #expect(throws: EngineError.stopping) {
      _ = try await shop.engine.events.page(after: 0, limit: 1)
    }
  }

  @Test func readersHaveALimit() async throws {
    let feed = EventFeed(position: 0)
    let all = try (0..<EventFeed.readersMax).map { _ in try feed.reader() }
    #expect(throws: EngineError.overloaded) { try feed.reader() }
    all.last?.cancel()
    _ = try feed.reader()
  }

  @Test func nothingIsToldThatIsNotStored() async throws {
    let shop = try await Shop()
    try await shop.open(10)
    let before = shop.engine.events.position
    shop.faults.arm(.fail(Faults.full), at: .commit)
    _ = try? await shop.engine.execute(Shop.reserve("a"))
    #expect(shop.engine.events.position == before)
    guard case .events(let events) = try await shop.engine.events.page(after: before, limit: 9)
    else {
      Issue.record("compacted")
      return
    }
    #expect(events.isEmpty)
    await shop.engine.stop()
  }

  @Test func aStoreThatCannotBeReadIsSaid() async throws {
    let shop = try await Shop()
    try await shop.open(10)
    shop.faults.arm(.fail(Faults.full), at: .events)
    await #expect(throws: EngineError.storageUnavailable) {
      _ = try await shop.engine.events.page(after: 0, limit: 1)
    }
    _ = try await shop.engine.events.page(after: 0, limit: 1)
    await shop.engine.stop()
  }

  /// What is kept for readers at the end never differs from the log itself.
  @Test func recentEventsAreAWindowOfTheLog() throws {
    var random = SplitMix(seed: Seed.value)
    func event(_ sequence: UInt64) -> Event {
      Event(
        sequence: sequence, kind: .repaired, at: .distantPast, subject: .pool(resourceID: "a"),
        movements: [], actor: "")
    }
    var recent = RecentEvents(countMax: 16)
    for _ in 0..<2000 {
      let start = UInt64.random(in: 0...60, using: &random)
      let count = UInt64.random(in: 0...20, using: &random)
      recent.append((0..<count).map { event(start + 1 + $0) })
      let asked = UInt64.random(in: 0...80, using: &random)
      let limit = Int.random(in: 1...9, using: &random)
      guard let found = recent.events(after: asked, limit: limit) else { continue }
      #expect(!found.isEmpty && found.count <= limit, "seed \(Seed.value)")
      #expect(
        found.map(\.sequence) == (0..<UInt64(found.count)).map { asked + 1 + $0 },
        "seed \(Seed.value)")
    }
  }
}
