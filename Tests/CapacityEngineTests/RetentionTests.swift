import Capacity
import Testing

@testable import CapacityEngine
@testable import MemoryStorage

/// The log is shortened beside the lane, and what is left still adds up.
@Suite(.timeLimit(.minutes(5)))
struct RetentionTests {
  private static let quick = 0.005

  private func retention(
    maxAge seconds: Int64? = nil, maxBytes: Int? = nil, step: Int = 7
  ) -> EventRetention {
    EventRetention(
      maxAge: seconds.map { Interval(seconds: $0) }, maxBytes: maxBytes,
      everySeconds: Self.quick, eventsPerStep: step)
  }

  private func sell(_ shop: Shop, _ count: Int, from first: Int = 0) async throws {
    for index in first..<first + count {
      let outcome = try await shop.engine.execute(Shop.reserve("k\(index)", ttl: 86_000))
      guard let number = outcome.reservation?.number, index % 3 == 0 else { continue }
      _ = try await shop.engine.execute(Shop.consume(number))
    }
  }

  private func until(_ condition: () throws -> Bool) async throws {
    while try !condition() { try await Task.sleep(for: .milliseconds(2)) }
  }

  // Looks at the store when nobody has it any more.
  private func audit(_ shop: Shop) async throws -> LedgerAudit {
    await shop.engine.stop()
    let storage = try MemoryStorage(shop.store)
    defer { storage.close() }
    return try StoreAudit.run(storage)
  }

  @Test func byAge() async throws {
    let shop = try await Shop(retention: retention(maxAge: 100))
    try await shop.open(1000)
    try await sell(shop, 60)
    #expect(shop.engine.events.floor == 0)
    let old = shop.engine.events.position
    shop.clock.advance(60)
    try await sell(shop, 30, from: 60)
    shop.clock.advance(60)
    // What the first minute wrote goes, the second stays.
    try await until { shop.engine.events.floor == old }
    try await sell(shop, 10, from: 90)
    let end = shop.engine.events.position
    let audit = try await audit(shop)
    #expect(audit.findings == [])
    #expect(audit.checkpoint.sequence == old)
    #expect(audit.eventsCount == Int(end - old))
  }

  @Test func bySize() async throws {
    let shop = try await Shop(retention: retention(maxBytes: 2000))
    try await shop.open(1000)
    try await sell(shop, 120)
    var floor: UInt64 = 0
    repeat {
      floor = shop.engine.events.floor
      try await Task.sleep(for: .milliseconds(100))
    } while floor == 0 || floor != shop.engine.events.floor
    let audit = try await audit(shop)
    #expect(audit.findings == [])
    let storage = try MemoryStorage(shop.store)
    let log = try storage.openLog()
    let bytes = try log.bytes(after: audit.checkpoint.sequence, through: .max)
    #expect(bytes <= 2000 + 400, "\(bytes)")
    #expect(audit.eventsCount > 0)
    storage.close()
  }

  private func stored(_ shop: Shop) throws -> [UInt64] {
    shop.store.look { $0.reservations(after: 0, limit: .max, holdingOnly: false).map(\.number) }
  }

  @Test(arguments: [nil, 100])
  func closedReservations(eventsFor seconds: Int64?) async throws {
    var policy = retention(maxAge: seconds)
    policy.closedMaxAge = Interval(seconds: 1_000)
    let shop = try await Shop(retention: policy)
    try await shop.open(1000)
    // 20 are sold, 40 held.
    try await sell(shop, 60)
    shop.clock.advance(900)
    try await sell(shop, 30, from: 60)
    shop.clock.advance(200)
    try await until { try stored(shop).count == 70 }
    // A key lives as long as its reservation, and not longer.
    let kept = try await shop.engine.execute(Shop.reserve("k63", ttl: 86_000))
    #expect(kept.reservation?.number == 64)
    let anew = try await shop.engine.execute(Shop.reserve("k0", ttl: 86_000))
    #expect(anew.reservation?.number == 91)
    guard case .rejected(.reservationNotFound) = try await shop.engine.execute(Shop.consume(1))
    else { return #expect(Bool(false), "what is forgotten is not found") }
    // What is held comes to its end, and goes a thousand seconds behind that.
    shop.clock.advance(86_000)
    _ = try await shop.engine.execute(Shop.reserve("late"))
    shop.clock.advance(1_001)
    _ = try await shop.engine.execute(Shop.reserve("later"))
    try await until { try stored(shop).count == 2 }
    #expect(try await shop.pool()?.consumed == 30)
    let audit = try await audit(shop)
    #expect(audit.findings == [])
    #expect(audit.reservationsCount == 2)
  }

  @Test func aReservationThatIsLostEarlierIsFound() async throws {
    var policy = retention()
    policy.closedMaxAge = Interval(seconds: 1_000)
    let shop = try await Shop(retention: policy)
    try await shop.open(1000)
    try await sell(shop, 9)
    shop.clock.advance(1_100)
    try await until { try stored(shop).count == 6 }
    let sold = try await shop.engine.execute(Shop.reserve("new"))
    let number = try #require(sold.reservation?.number)
    _ = try await shop.engine.execute(Shop.consume(number))
    await shop.engine.stop()
    let storage = try MemoryStorage(shop.store)
    defer { storage.close() }
    #expect(try StoreAudit.run(storage).findings == [])
    // As if one had gone that was closed just now.
    let log = try storage.openLog()
    let early = Instant(microseconds: shop.clock.now.microseconds + 1)
    var audit = LedgerAudit(from: LogCheckpoint(), closedKeptFrom: try storage.closedKeptFrom())
    #expect(try log.forget(closedBefore: early, after: number - 1, limit: 9).count == 1)
    for event in try storage.events(after: 0, limit: 999) { audit.add(event) }
    audit.check(try storage.counters())
    for kept in try storage.reservations(after: 0, limit: 99, holdingOnly: false) {
      audit.check(kept)
    }
    for entry in try storage.pools(after: nil, limit: 9) { audit.check(entry.pool, for: entry.key) }
    audit.finish()
    #expect(audit.findings == [.reservationWrong(number: number)])
  }

  @Test func aRestoreIsNoReasonToCountForEver() async throws {
    let shop = try await Shop()
    try await shop.open(1000)
    try await sell(shop, 30)
    await shop.engine.stop()
    let storage = try MemoryStorage(shop.store)
    let changes = try PutBackStore.changes(
      from: try storage.counters(), replacing: nil, at: shop.clock.now, actor: "op", reason: "test")
    try storage.begin(reading: RecordNames()).commit(changes)
    storage.close()
    let again = try await Shop(
      clock: shop.clock, store: shop.store, retention: retention(maxBytes: 1000, step: 20))
    try await sell(again, 30, from: 30)
    let end = again.engine.events.position
    #expect(end > PutBackStore.eventsSkipped)
    try await until { again.engine.events.floor > PutBackStore.eventsSkipped }
    let audit = try await audit(again)
    #expect(audit.findings == [])
  }

  @Test func nothingGoesUnlessAskedTo() async throws {
    let shop = try await Shop()
    try await shop.open(1000)
    try await sell(shop, 30)
    shop.clock.advance(1_000_000)
    try await Task.sleep(for: .milliseconds(30))
    #expect(shop.engine.events.floor == 0)
    let audit = try await audit(shop)
    #expect(audit.checkpoint == LogCheckpoint())
    #expect(audit.findings == [])
  }

  @Test func pagesSayWhatIsGone() async throws {
    let shop = try await Shop(retention: retention(maxAge: 100))
    try await shop.open(1000)
    try await sell(shop, 20)
    let middle = shop.engine.events.position
    shop.clock.advance(200)
    try await sell(shop, 5, from: 20)
    try await until { shop.engine.events.floor == middle }
    guard case .compacted = try await shop.engine.events.page(after: middle - 1, limit: 9) else {
      Issue.record("a page of what is gone")
      return
    }
    guard case .events(let events) = try await shop.engine.events.page(after: middle, limit: 3)
    else {
      Issue.record("what is kept is gone")
      return
    }
    #expect(events.map(\.sequence) == [middle + 1, middle + 2, middle + 3])
    await shop.engine.stop()
  }

  @Test func whatDoesNotAddUpStays() async throws {
    let shop = try await Shop()
    try await shop.open(1000)
    try await sell(shop, 20)
    await shop.engine.stop()
    let damaged = try damage(shop.store)
    let again = try await Shop(
      clock: shop.clock, store: shop.store, retention: retention(maxAge: 1))
    shop.clock.advance(1000)
    try await sell(again, 5, from: 20)
    try await Task.sleep(for: .milliseconds(100))
    // Up to the damage it may be shortened, behind it nothing is taken away.
    #expect(again.engine.events.floor < damaged)
    #expect(try await audit(again).findingsCount > 0)

    // A repair settles it.
    let storage = try MemoryStorage(shop.store)
    let plan = try StoreAudit.repair(
      storage, try StoreAudit.run(storage), at: shop.clock.now, actor: "op")
    try storage.begin(reading: RecordNames()).commit(plan.changes)
    #expect(try StoreAudit.run(storage).findings == [])
    storage.close()
    let repaired = try await Shop(
      clock: shop.clock, store: shop.store, retention: retention(maxAge: 1))
    shop.clock.advance(1000)
    try await until { repaired.engine.events.floor == repaired.engine.events.position }
    #expect(try await audit(repaired).findings == [])
  }

  // An event whose balance does not follow from the one before: as if a unit had come from nowhere.
  private func damage(_ store: MemoryStore) throws -> UInt64 {
    let storage = try MemoryStorage(store)
    var lane = try storage.counters()
    let at = lane.lastDecision
    let event = Event(
      sequence: lane.nextSequence, kind: .reservationReleased, at: at,
      subject: .pool(resourceID: "hall"),
      movements: [
        Movement(pool: Shop.pool, held: -1, balance: Pool(held: 999, consumed: 0, revision: 77))
      ], actor: "nobody")
    lane.nextSequence += 1
    lane.poolsWrittenTo = event.sequence
    try storage.begin(reading: RecordNames())
      .commit(ChangeSet(counters: lane, events: [event]))
    storage.close()
    return event.sequence
  }

  @Test func aStoreThatFailsIsTriedAgain() async throws {
    let shop = try await Shop(retention: retention(maxAge: 100))
    try await shop.open(1000)
    try await sell(shop, 20)
    shop.faults.arm(.fail(Faults.full), at: .events, count: 5)
    shop.clock.advance(200)
    try await until { shop.engine.events.floor == shop.engine.events.position }
    #expect(try await audit(shop).findings == [])
  }
}
