import Capacity
import SeededRandom
import Testing

/// Triggers by occupancy in slots that only share a pool with the slot that moves: SYSTEM.md section 3.
struct SharedTriggerTests {
  private static let ten = "2026-12-24T10:00:00+00:00"
  private static let noon = "2026-12-24T12:00:00+00:00"

  /// Slots of ten seats each beside a shelf, and something else that is sold from the shelf alone.
  private func desk(kits: Int64 = 12, percent: Int = 50) -> Desk {
    var desk = Desk()
    desk.put(slots("seats", window("10:00", "14:00")))
    desk.put(stock("kits", kits))
    var course = product("course", Draw(resourceID: "seats"), Draw(resourceID: "kits"))
    course.pricingTriggers = [busy(percent)]
    #expect(desk.put(course).rejection == nil)
    desk.put(product("kit", Draw(resourceID: "kits")))
    return desk
  }

  private func busy(_ percent: Int) -> PricingTrigger {
    PricingTrigger(
      id: "busy", condition: .occupancyAtLeast(percent: percent), adjustmentBasisPoints: 500)
  }

  private func turns(_ desk: Desk) -> [Event] {
    desk.events.filter { $0.kind == .pricingTriggerOn || $0.kind == .pricingTriggerOff }
  }

  /// The pools that an event names.
  private func named(_ event: Event?) -> [PoolKey]? {
    event?.movements.map(\.pool).filter { $0.latch == nil }
  }

  private func isBusy(_ slot: String, _ desk: inout Desk) -> Bool {
    desk.availability("course", slot)?.pricing.triggerIDs == ["busy"]
  }

  @Test func whatIsSoldElsewhereIsToldAtOnceForAllSlots() {
    var desk = desk()
    desk.reserve(line("course", 1, slot: Self.ten))
    desk.reserve(line("kit", 4))
    #expect(turns(desk).isEmpty)
    #expect(!isBusy(Self.ten, &desk) && !isBusy(Self.noon, &desk))
    // Half of the shelf is gone, and it leaves less than any slot does.
    desk.reserve(line("kit", 1))
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn])
    #expect(desk.events.last?.kind == .pricingTriggerOn)
    #expect(named(turns(desk).last) == [PoolKey(resourceID: "kits", ordinal: 0)])
    #expect(isBusy(Self.ten, &desk) && isBusy(Self.noon, &desk))
    #expect(isBusy("2027-12-24T10:00:00+00:00", &desk))
    let sold = desk.reserve(line("course", 1, slot: Self.noon)).reservation
    #expect(sold?.lines[0].pricing.triggerIDs == ["busy"])
    #expect(turns(desk).count == 1)
  }

  @Test func itDoesNotFlap() {
    var desk = desk(kits: 100, percent: 95)
    desk.reserve(line("kit", 91))
    for _ in 0..<5 {
      guard let some = desk.reserve(line("kit", 4)).reservation else { return }
      desk.release(some.number)
    }
    // From 91 to 95 and back: five points below are 90.
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn])
    #expect(isBusy(Self.ten, &desk))
    desk.release(1, [LineAmount(line: 0, quantity: 1)], id: "a")
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn, .pricingTriggerOff])
    #expect(!isBusy(Self.ten, &desk))
  }

  @Test func whereASlotHasLessNothingTurnsUntilTheShelfHas() {
    var desk = desk(kits: 100)
    desk.reserve(line("kit", 60))
    // The shelf is busy, and tightest nowhere: no slot has turned, and the hold itself says what is remembered.
    #expect(turns(desk).isEmpty)
    #expect(desk.events.last?.movements.contains { $0.pool.latch != nil } == true)
    #expect(!isBusy(Self.ten, &desk))
    desk.reserve(line("kit", 30))
    #expect(turns(desk).isEmpty)
    let last = desk.reserve(line("kit", 1)).reservation?.number ?? 0
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn])
    #expect(isBusy(Self.ten, &desk))
    desk.release(last)
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn, .pricingTriggerOff])
    #expect(!isBusy(Self.ten, &desk))
  }

  @Test func aHoldThatRunsOutAndADeliveryTurnItOff() {
    var desk = desk()
    desk.reserve(line("kit", 7), ttl: 60)
    let end = desk.now + Interval(seconds: 60)
    desk.advance(3600)
    desk.settle()
    #expect(turns(desk).map(\.at) == [end - Interval(seconds: 60), end])
    desk.reserve(line("kit", 7))
    desk.adjust("kits", 30)
    #expect(turns(desk).suffix(2).map(\.kind) == [.pricingTriggerOn, .pricingTriggerOff])
    #expect(turns(desk).allSatisfy { named($0) == [PoolKey(resourceID: "kits", ordinal: 0)] })
  }

  @Test func aDaysQuotaIsToldForItsDay() {
    var desk = Desk()
    desk.put(slots("seats", window("10:00", "14:00")))
    desk.put(daily("guides", 4))
    var tour = product("course", Draw(resourceID: "seats"), Draw(resourceID: "guides"))
    tour.pricingTriggers = [busy(50)]
    desk.put(tour)
    desk.reserve(line("course", 2, slot: Self.ten))
    let day = PoolKey(resourceID: "guides", ordinal: Int64(date("2026-12-24").day))
    #expect(
      turns(desk).map { named($0) } == [
        [PoolKey(resourceID: "seats", ordinal: instant("2026-12-24T10:00:00").seconds), day],
        [day],
      ])
    #expect(isBusy(Self.noon, &desk))
    #expect(!isBusy("2026-12-25T10:00:00+00:00", &desk))
  }

  @Test func aDayThatAnEditEndsTurnsNothing() {
    var desk = Desk(at: "2026-12-24T09:00:00")
    desk.put(slots("seats", window("10:00", "14:00")))
    desk.put(daily("guides", 4))
    var tour = product("course", Draw(resourceID: "seats"), Draw(resourceID: "guides"))
    tour.pricingTriggers = [busy(50)]
    desk.put(tour)
    desk.reserve(line("course", 2, slot: Self.noon), ttl: 86_400)
    desk.now = instant("2026-12-24T23:30:00")
    let before = turns(desk).count
    // In a zone of the far east it has been over for hours.
    let zone = Zone(name: "Far/East", initialOffset: 5 * 3600, transitions: [])
    let outcome = desk.run(
      .putResource(
        Command.PutResource(
          resource: daily("guides", 4, zone: "Far/East"), zone: zone, actor: "ana")))
    #expect(outcome.rejection == nil)
    #expect(turns(desk).dropFirst(before).allSatisfy { $0.kind == .pricingTriggerOff })
  }

  @Test func anotherFirstDrawRemembersNothingOfTheOneBefore() {
    var desk = Desk()
    for id in ["seats", "rooms"] { desk.put(slots(id, window("10:00", "14:00"))) }
    var course = product("course", Draw(resourceID: "seats"))
    course.pricingTriggers = [busy(53)]
    desk.put(course)
    desk.put(product("room", Draw(resourceID: "rooms")))
    desk.reserve(line("course", 6, slot: Self.ten))
    #expect(isBusy(Self.ten, &desk))
    course.draws = [Draw(resourceID: "rooms")]
    desk.put(course)
    #expect(turns(desk).map(\.kind) == [.pricingTriggerOn, .pricingTriggerOff])
    // Between the marks, and never at the threshold.
    desk.reserve(line("room", 5, slot: Self.ten))
    desk.reserve(line("course", 1, slot: Self.noon))
    #expect(!isBusy(Self.ten, &desk))
    desk.reserve(line("room", 1, slot: Self.ten))
    #expect(isBusy(Self.ten, &desk))
  }

  // MARK: The bound

  /// A year of quarter hours in which `count` slots have three of ten seats sold, beside a shelf with nine left, of which
  /// one more goes.
  private func turnsAfterOneMore(touched count: Int) -> [Event] {
    var desk = Desk()
    desk.put(slots("seats", window("00:00", "24:00", slot: 15, step: 15)))
    let sold = Int64(count) * 3
    desk.put(stock("kits", sold + 109))
    var course = product("course", Draw(resourceID: "seats"), Draw(resourceID: "kits"))
    course.pricingTriggers = [busy(50)]
    desk.put(course)
    desk.put(product("kit", Draw(resourceID: "kits")))
    let first = instant("2026-12-24T00:00:00").seconds
    for index in 0..<count {
      let second = first + Int64(index) * 900
      let day = CivilDate(day: Int32(second / 86_400))
      let (hour, minute) = (second / 3600 % 24, second / 60 % 60)
      let time = "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
      desk.reserve(line("course", 3, slot: "\(day)T\(time):00+00:00"), ttl: 86_400)
    }
    desk.reserve(line("kit", 100))
    let before = desk.events.count
    desk.reserve(line("kit", 1))
    return turns(desk).filter { $0.sequence > before }
  }

  @Test func slotsAreLookedAtUpToABoundAndBehindItTheyAreToldWithoutALook() {
    // No slot has nine seats left, so none turns where the shelf goes from nine to eight.
    #expect(turnsAfterOneMore(touched: 250).isEmpty)
    // Nobody has looked at the last one: it might have had nine.
    let told = turnsAfterOneMore(touched: 251)
    #expect(told.map(\.kind) == [.pricingTriggerOn])
    #expect(named(told.first) == [PoolKey(resourceID: "kits", ordinal: 0)])
  }

  // MARK: Everything

  @Test(arguments: 0..<24)
  func whatIsSaidIsWhatTheLogTells(_ part: UInt64) {
    var (turns, shared) = (0, 0)
    for run in 0..<UInt64(3) {
      var shop = TriggerShop(seed: Seed.value &+ part &* 131 &+ run)
      for step in 0..<UInt64(90) where shop.differences.isEmpty {
        shop.step(seed: (Seed.value &+ part &* 131 &+ run) ^ (step + 1) &* 0x9E37_79B9_7F4A_7C15)
      }
      turns += shop.witness.turnsCount
      shared += shop.witness.sharedCount
      if !shop.differences.isEmpty {
        let found = shop.differences.prefix(4).joined(separator: "\n")
        Issue.record("CUPO_SEED=\(Seed.value) part \(part) run \(run)\n\(found)")
        print(shop.story)
        return
      }
    }
    #expect(turns > 50 && shared > 10, "\(turns) turns, \(shared) of shared pools")
  }
}
