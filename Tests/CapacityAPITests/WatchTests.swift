import Capacity
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import SeededRandom
import Testing

/// WatchAvailability: snapshot, deltas, resuming (SYSTEM.md section 5).
@Suite(.timeLimit(.minutes(5)))
struct WatchTests {
  private func house() async throws -> House {
    let house = try await House()
    try await house.furnish()
    return house
  }

  private func fresh(_ house: House, _ products: [String], from: String = "", to: String = "")
    async throws -> [String: SlotAvailability]
  {
    var mirror = try await house.watch(products, from: from, to: to)
    try await mirror.snapshot()
    return mirror.slots
  }

  @Test func snapshotDeltaAndExpiry() async throws {
    let house = try await house()
    var mirror = try await house.watch(["ticket"])
    try await mirror.snapshot()
    #expect(mirror.slots["ticket "]?.remaining == 5)
    try await house.reserve("ticket", 2)
    try await mirror.until { $0.slots["ticket "]?.remaining == 3 }
    #expect(mirror.slots["ticket "]?.held == 2)
    #expect(mirror.slots["ticket "]?.nextHoldExpiry != nil)
    house.clock.advance(60)
    try await mirror.until { $0.slots["ticket "]?.remaining == 5 }
    #expect(mirror.slots["ticket "]?.held == 0)
    await house.close()
  }

  @Test func deltasOverASnapshotAreAFreshSnapshot() async throws {
    let house = try await house()
    let all = ["seat", "ticket", "visit"]
    let (from, to) = ("2026-12-02", "2026-12-04")
    var mirror = try await house.watch(all, from: from, to: to)
    try await mirror.snapshot()
    #expect(mirror.slots.count == 1 + 3 + 6)
    var random = SplitMix(seed: Seed.value)
    for index in 0..<80 {
      let product = all.randomElement(using: &random) ?? "ticket"
      let day = "2026-12-0\(Int.random(in: 2...4, using: &random))"
      let slot = product == "ticket" ? "" : product == "visit" ? day : "\(day)T10:00:00+00:00"
      let id = try? await house.reserve(product, slot: slot, ttl: 20).reservation?.reservationID
      if let id, index % 3 == 0 { _ = try? await house.consume(id) }
      if let id, index % 3 == 1 { _ = try? await house.release(id) }
      if index % 20 == 10 { house.clock.advance(7) }
      if index == 40 { try await house.putBus(until: "13:00") }
      if index == 60 { try await house.putBus(until: "11:00") }
    }
    let expected = try await fresh(house, all, from: from, to: to)
    #expect(expected.count == 1 + 3 + 3)
    try await mirror.until { $0.slots == expected }
    #expect(mirror.slots == expected, "seed \(Seed.value)")
    await house.close()
  }

  @Test func resumingGivesWhatWasMissed() async throws {
    let house = try await house()
    let all = ["ticket", "visit"]
    var mirror = try await house.watch(all, from: "2026-12-02", to: "2026-12-04")
    try await mirror.snapshot()
    try await house.reserve("ticket")
    try await house.reserve("visit", slot: "2026-12-03")
    var resumed = try await house.watch(
      all, from: "2026-12-02", to: "2026-12-04", token: mirror.token)
    resumed.slots = mirror.slots
    let expected = try await fresh(house, all, from: "2026-12-02", to: "2026-12-04")
    try await resumed.until { $0.slots == expected }
    #expect(Set(resumed.told) == ["ticket ", "visit 2026-12-03"])
    // From the later token nothing was missed.
    try await house.reserve("ticket")
    var again = try await house.watch(
      all, from: "2026-12-02", to: "2026-12-04", token: resumed.token)
    try await again.until { $0.slots["ticket "]?.remaining == 3 }
    #expect(Set(again.told) == ["ticket "])
    await house.close()
  }

  @Test func whoComesBackWhileOthersWatchIsToldOfRemovals() async throws {
    let house = try await house()
    var mirror = try await house.watch(["seat"], from: "2026-12-02", to: "2026-12-02")
    try await mirror.snapshot()
    try await house.putBus(until: "11:00")
    var resumed = try await house.watch(
      ["seat"], from: "2026-12-02", to: "2026-12-02", token: mirror.token)
    resumed.slots = mirror.slots
    try await resumed.until { $0.slots.count == 1 }
    try await mirror.until { $0.slots.count == 1 }
    await house.close()
  }

  @Test func aRestartIsNoReasonForANewSnapshot() async throws {
    let first = try await house()
    var mirror = try await first.watch(["ticket", "visit"], to: "2026-12-04")
    try await mirror.snapshot()
    try await first.reserve("ticket")
    try await first.reserve("visit", slot: "2026-12-03")
    await first.close()
    let second = try await House(clock: first.clock, store: first.store)
    second.clock.advance(24 * 3600)
    var resumed = try await second.watch(
      ["visit", "ticket"], to: "2026-12-04", token: mirror.token)
    resumed.slots = mirror.slots
    #expect(try await resumed.next() == .delta)
    // The holds have run out, and a day is over.
    #expect(resumed.slots == (try await fresh(second, ["ticket", "visit"], to: "2026-12-04")))
    #expect(resumed.slots["visit 2026-12-01"] == nil)
    await second.close()
  }

  @Test func aTokenFromBeforeARemovalIsCompacted() async throws {
    let first = try await house()
    let dates = ("2026-12-02", "2026-12-02")
    var mirror = try await first.watch(["seat"], from: dates.0, to: dates.1)
    try await mirror.snapshot()
    var other = try await first.watch(["ticket"], from: dates.0, to: dates.1)
    try await other.snapshot()
    // A slot goes away that a watcher who is away would go on showing.
    try await first.putBus(until: "11:00")
    await first.close()
    let second = try await House(clock: first.clock, store: first.store)
    let token = mirror.token
    var resumed = try await second.watch(["seat"], from: dates.0, to: dates.1, token: token)
    let error = try await told { try await resumed.next() }
    #expect(error.reason == "RESUME_TOKEN_COMPACTED" && error.code == .outOfRange)
    // What happened to other products does not matter.
    var stayed = try await second.watch(["ticket"], from: dates.0, to: dates.1, token: other.token)
    #expect(try await stayed.next() == .progress)
    var wrong = try await second.watch(["visit"], from: dates.0, to: dates.1, token: token)
    #expect(try await told { try await wrong.next() }.reason == "RESUME_TOKEN_INVALID")
    var garbage = try await second.watch(["ticket"], token: [1, 2, 3])
    #expect(try await told { try await garbage.next() }.reason == "RESUME_TOKEN_INVALID")
    await second.close()
  }

  @Test func aBookedSlotThatAnEditRemovedIsClosedUntilItIsGivenBack() async throws {
    let house = try await house()
    let (day, eleven) = ("2026-12-03", "seat 2026-12-03T11:00:00+00:00")
    try await house.putBus(until: "12:00")
    var mirror = try await house.watch(["seat"], from: day, to: day)
    try await mirror.snapshot()
    let held = try await house.reserve("seat", slot: "2026-12-03T11:00:00+00:00")
    try await mirror.until { $0.slots[eleven]?.held == 1 }
    try await house.putBus(until: "11:00")
    try await mirror.until { $0.slots[eleven]?.status == .closed }
    #expect(mirror.slots[eleven]?.closedReason == .noSlotAtTime)
    #expect(mirror.slots[eleven]?.held == 1 && mirror.slots.count == 2)
    #expect(try await fresh(house, ["seat"], from: day, to: day) == mirror.slots)
    _ = try await house.release(held.reservation?.reservationID ?? "")
    try await mirror.until { $0.slots[eleven] == nil }
    #expect(mirror.slots.count == 1)
    await house.close()
  }

  @Test func aTokenOfAnotherStoreIsCompacted() async throws {
    let first = try await house()
    var mirror = try await first.watch(["ticket"])
    try await mirror.snapshot()
    let other = try await House(store: MemoryStore(identity: StoreIdentity(namingKey: 8)))
    try await other.furnish()
    var resumed = try await other.watch(["ticket"], token: mirror.token)
    #expect(try await told { try await resumed.next() }.reason == "RESUME_TOKEN_COMPACTED")
    await other.close()
    await first.close()
  }

  @Test func anExtensionIsToldToo() async throws {
    let house = try await house()
    try await house.putVoucher()
    var mirror = try await house.watch(["voucher"])
    try await mirror.snapshot()
    let id = try await house.reserve("voucher").reservation?.reservationID ?? ""
    try await mirror.until { $0.slots["voucher "]?.held == 1 }
    let before = mirror.slots["voucher "]
    var request = ExtendRequest()
    request.reservationID = id
    request.requestID = "later"
    request.ttl = ProtobufDuration(seconds: 600, nanos: 0)
    _ = try await house.client.unary(CapacityService.extend, request)
    try await mirror.until { $0.slots["voucher "]?.nextHoldExpiry != before?.nextHoldExpiry }
    #expect(mirror.slots["voucher "]?.revision ?? 0 > before?.revision ?? 0)
    await house.close()
  }

  @Test func anIdleWatchSaysThatItLives() async throws {
    let house = try await House(watchProgressSeconds: 0.05)
    try await house.furnish()
    var mirror = try await house.watch(["ticket"])
    try await mirror.snapshot()
    let token = mirror.token
    // Something else happens: the token moves on all the same.
    try await house.reserve("visit", slot: "2026-12-03")
    var kinds: [WatchAvailabilityResponse.Kind?] = []
    while mirror.token == token || kinds.count < 3 { kinds.append(try await mirror.next()) }
    #expect(Set(kinds) == [.progress])
    await house.close()
  }

  @Test func aSellersWatchHasItsNamedProductsToo() async throws {
    let house = try await house()
    try await house.putVoucher()
    var request = WatchAvailabilityRequest()
    request.sellerID = "luna"
    request.productIDs = ["ticket"]
    var mirror = Mirror(
      try await house.client.serverStreaming(AvailabilityService.watchAvailability, request)
        .makeAsyncIterator())
    try await mirror.snapshot()
    #expect(Set(mirror.slots.keys) == ["ticket ", "voucher "])
    await house.close()
  }

  @Test func theDayOfAStockChangesAtMidnight() async throws {
    let house = try await House(watchProgressSeconds: 0.1)
    try await house.furnish()
    try await house.closeHallTomorrow()
    var mirror = try await house.watch(["ticket"])
    try await mirror.snapshot()
    #expect(mirror.slots["ticket "]?.status == .available)
    house.clock.advance(12 * 3600)
    try await mirror.until { $0.slots["ticket "]?.status == .closed }
    #expect(mirror.slots["ticket "]?.closureReason == "VACATION")
    await house.close()
  }

  @Test func aSlowReaderGetsTheLatest() async throws {
    let house = try await house()
    var mirror = try await house.watch(["ticket", "visit"], from: "2026-12-02", to: "2027-11-30")
    try await mirror.snapshot()
    let before = mirror.messages
    for _ in 0..<300 {
      let id = try await house.reserve("ticket").reservation?.reservationID ?? ""
      _ = try await house.release(id)
    }
    try await house.reserve("ticket", 4)
    try await mirror.until { $0.slots["ticket "]?.remaining == 1 }
    // Never more than one message for each change.
    #expect(mirror.messages - before <= 601)
    await house.close()
  }

  @Test func aStoppingServerEndsTheWatch() async throws {
    let house = try await house()
    var mirror = try await house.watch(["ticket"])
    try await mirror.snapshot()
    house.engine.endSubscriptions()
    let error = try await told { while try await mirror.next() != nil {} }
    #expect(error.reason == "SHUTTING_DOWN" && error.code == .unavailable)
    await house.close()
  }

  @Test func anUnknownProductIsNotFound() async throws {
    let house = try await house()
    var mirror = try await house.watch(["nothing"])
    #expect(try await told { try await mirror.next() }.reason == "PRODUCT_NOT_FOUND")
    await house.close()
  }
}
