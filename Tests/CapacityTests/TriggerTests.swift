import Capacity
import Testing

/// Pricing triggers: what turns them on, that they do not flap, what a line is frozen with (SYSTEM.md section 3).
struct TriggerTests {
  private static let ten = "2026-12-24T10:00:00+00:00"

  private func busy(_ percent: Int, _ points: Int = 500) -> PricingTrigger {
    PricingTrigger(
      id: "busy", condition: .occupancyAtLeast(percent: percent), adjustmentBasisPoints: points)
  }

  private func desk(_ triggers: PricingTrigger..., seats: Int64 = 10) -> Desk {
    var desk = Desk()
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(seats))))
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.pricingTriggers = triggers
    #expect(desk.put(seat).rejection == nil)
    return desk
  }

  private func take(_ count: Int64, _ desk: inout Desk) -> Reservation? {
    desk.reserve(line("seat", count, slot: Self.ten), ttl: 600).reservation
  }

  private func crossings(_ desk: Desk) -> [Event.Kind] {
    desk.events.map(\.kind).filter { $0 == .pricingTriggerOn || $0 == .pricingTriggerOff }
  }

  @Test func occupancyTurnsItOnAndFivePointsBelowOff() {
    var desk = desk(busy(50), seats: 100)
    #expect(take(49, &desk)?.lines[0].pricing.triggerIDs == [])
    #expect(crossings(desk) == [])
    // The units of the line itself do not count for it.
    #expect(take(1, &desk)?.lines[0].pricing.triggerIDs == [])
    #expect(crossings(desk) == [.pricingTriggerOn])
    let line = take(1, &desk)?.lines[0]
    #expect(line?.pricing.triggerIDs == ["busy"])
    #expect(line?.pricing.adjustmentBasisPoints == 500)
    // From 51 down to 46 it stays on; at 45 it is off, and stays off up to 49.
    desk.release(1, [LineAmount(line: 0, quantity: 5)], id: "a")
    #expect(desk.availability("seat", Self.ten)?.pricing.triggerIDs == ["busy"])
    desk.release(1, [LineAmount(line: 0, quantity: 1)], id: "b")
    #expect(desk.availability("seat", Self.ten)?.pricing.triggerIDs == [])
    #expect(take(4, &desk)?.lines[0].pricing.triggerIDs == [])
    #expect(crossings(desk) == [.pricingTriggerOn, .pricingTriggerOff])
  }

  @Test func itDoesNotFlap() {
    var desk = desk(busy(50), seats: 100)
    _ = take(46, &desk)
    for _ in 0..<10 {
      guard let some = take(4, &desk) else { return }
      desk.release(some.number)
    }
    #expect(crossings(desk) == [.pricingTriggerOn])
    #expect(desk.availability("seat", Self.ten)?.pricing.triggerIDs == ["busy"])
  }

  @Test func anExpiryTurnsItOffAtItsInstant() {
    var desk = desk(busy(50))
    _ = take(5, &desk)
    let end = desk.now + Interval(seconds: 600)
    #expect(
      desk.availability("seat", Self.ten)?.pricing
        == Pricing(adjustmentBasisPoints: 500, triggerIDs: ["busy"]))
    desk.advance(3600)
    #expect(desk.availability("seat", Self.ten)?.pricing == Pricing.none)
    #expect(desk.events.last?.kind == .pricingTriggerOff)
    #expect(desk.events.last?.at == end)
  }

  @Test func seasonAndDays() {
    var desk = desk(
      PricingTrigger(id: "high", condition: .season(id: "xmas"), adjustmentBasisPoints: 1000),
      PricingTrigger(id: "late", condition: .daysBefore(atMost: 2), adjustmentBasisPoints: -300))
    var bus = slots("bus", window("10:00", "12:00"))
    bus.seasons = [
      Season(id: "xmas", dates: DateRange(from: date("2026-12-24"), to: date("2026-12-26")))
    ]
    desk.put(bus)
    #expect(take(1, &desk)?.lines[0].pricing.triggerIDs == ["high"])
    let before = desk.availability("seat", Self.ten)?.revision ?? 0
    desk.now = instant("2026-12-21T23:59:59")
    #expect(desk.availability("seat", Self.ten)?.pricing.triggerIDs == ["high"])
    desk.now = instant("2026-12-22T00:00:00")
    let answer = desk.availability("seat", Self.ten)
    #expect(answer?.pricing == Pricing(adjustmentBasisPoints: 700, triggerIDs: ["high", "late"]))
    #expect(answer?.revision ?? 0 > before)
    #expect(desk.availability("seat", "2026-12-23T10:00:00+00:00")?.pricing.triggerIDs == ["late"])
  }

  @Test func definitionsTurnItOnAndOff() {
    var desk = desk()
    _ = take(6, &desk)
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.pricingTriggers = [busy(50)]
    desk.put(seat)
    #expect(crossings(desk) == [.pricingTriggerOn])
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(100))))
    #expect(crossings(desk) == [.pricingTriggerOn, .pricingTriggerOff])
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(7))))
    seat.pricingTriggers = []
    desk.put(seat)
    #expect(
      crossings(desk) == [
        .pricingTriggerOn, .pricingTriggerOff, .pricingTriggerOn, .pricingTriggerOff,
      ])
  }

  @Test func everyProductOfASharedPoolIsLookedAt() {
    var desk = desk()
    var child = product("child", Draw(resourceID: "bus"))
    child.pricingTriggers = [busy(50)]
    desk.put(child)
    _ = take(5, &desk)
    #expect(crossings(desk) == [.pricingTriggerOn])
    #expect(desk.availability("child", Self.ten)?.pricing.triggerIDs == ["busy"])
    #expect(desk.availability("seat", Self.ten)?.pricing == Pricing.none)
  }

  @Test func theLogAddsUpWithItsLatches() {
    var desk = desk(busy(50))
    _ = take(5, &desk)
    desk.advance(3600)
    desk.settle()
    _ = take(8, &desk)
    var audit = LedgerAudit()
    for event in desk.events { audit.add(event) }
    audit.check(desk.set.counters)
    for number in 1..<desk.set.counters.nextReservation {
      if let reservation = desk.set.reservation(number) { audit.check(reservation) }
    }
    let ordinal = instant("2026-12-24T10:00:00").seconds
    for key in [
      PoolKey(resourceID: "bus", ordinal: ordinal),
      PoolKey(latchOf: "busy", product: "seat", ordinal: ordinal),
    ] { audit.check(desk.set.view(key).pool, for: key) }
    audit.finish()
    #expect(audit.findings == [])
    #expect(
      desk.set.view(PoolKey(latchOf: "busy", product: "seat", ordinal: ordinal)).pool.consumed == 1)
  }

  @Test func whatMakesNoSenseIsRefused() {
    var desk = Desk()
    desk.put(stock("shelf", 9))
    var kit = product("kit", Draw(resourceID: "shelf"))
    kit.pricingTriggers = [
      busy(50), busy(60),
      PricingTrigger(id: "late", condition: .daysBefore(atMost: 2), adjustmentBasisPoints: 1),
    ]
    guard case .violations(let list)? = desk.put(kit).rejection else {
      Issue.record("accepted")
      return
    }
    #expect(
      list.map(\.field) == [
        "product.pricing_triggers[1].trigger_id",
        "product.pricing_triggers[2].days_before_at_most",
      ])
  }

  // MARK: By days

  private static let early = PricingTrigger(
    id: "early", condition: .daysBefore(atMost: 2), adjustmentBasisPoints: -500)

  private func told(_ desk: Desk) -> [Event] {
    desk.events.filter { $0.kind == .pricingTriggerOn }
  }

  // 2026-12-01T12:00Z, a Tuesday; one trip each Saturday where it is 07:00 now.
  private func saturdays(_ set: WorkingSet = WorkingSet()) -> Desk {
    var desk = Desk()
    desk.set = set
    var trip = window("10:00", "11:00", limit: .units(5))
    trip.days = [.saturday]
    let zone = Zone(name: "Here/There", initialOffset: -5 * 3600, transitions: [])
    desk.put(slots("bus", trip, zone: "Here/There"), zone: zone)
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.pricingTriggers = [Self.early]
    #expect(desk.put(seat).rejection == nil)
    return desk
  }

  @Test func timeAloneTurnsItOnAtLocalMidnight() {
    var desk = saturdays()
    desk.settle()
    #expect(told(desk).isEmpty)
    // Wednesday has no trip two days later; Thursday has.
    #expect(desk.set.nextExpiry() == instant("2026-12-02T05:00:00"))
    desk.now = instant("2026-12-03T04:59:59")
    desk.settle()
    #expect(told(desk).isEmpty)
    desk.now = instant("2026-12-03T05:00:00")
    desk.settle()
    #expect(told(desk).map(\.at) == [instant("2026-12-03T05:00:00")])
    #expect(told(desk).map(\.reason) == ["early"])
    #expect(
      told(desk).flatMap(\.movements).map(\.pool)
        == [PoolKey(resourceID: "bus", ordinal: instant("2026-12-05T15:00:00").seconds)])
    #expect(desk.availability("seat", "2026-12-05T10:00:00-05:00")?.pricing.triggerIDs == ["early"])
    desk.settle()
    #expect(told(desk).count == 1)
  }

  @Test func whatTurnedOnWhileNobodyDecidedIsTold() {
    var desk = saturdays()
    desk.now = instant("2026-12-18T00:00:00")
    desk.settle()
    #expect(
      told(desk).map(\.at)
        == [
          instant("2026-12-03T05:00:00"), instant("2026-12-10T05:00:00"),
          instant("2026-12-17T05:00:00"),
        ])
    // Not of years, though.
    desk.now = instant("2027-12-18T00:00:00")
    desk.settle()
    #expect((4...5).contains(told(desk).count - 3))
  }

  @Test func aBatchThatIsNotWrittenTellsItOnceMore() {
    var desk = saturdays()
    desk.now = instant("2026-12-03T05:00:00")
    desk.expire()
    #expect(desk.set.hasChanges)
    desk.set.rollBack()
    #expect(!desk.set.hasChanges)
    #expect(desk.set.nextExpiry() == instant("2026-12-02T05:00:00"))
    desk.settle()
    #expect(told(desk).count == 1)
  }

  @Test func aStartFromTheStoreGoesOnWhereTheLastDecisionWas() throws {
    let desk = saturdays()
    var next = WorkingSet(counters: desk.set.counters)
    let bus = try #require(desk.set.catalogue.resource("bus"))
    next.load(bus.resource, zone: bus.zone)
    next.load(try #require(desk.set.catalogue.product("seat")))
    let now = next.decide(at: instant("2026-12-04T00:00:00"))
    #expect(Ledger.expire(&next, at: now, limit: 7) == .done)
    #expect(next.changes().events.map(\.kind) == [.pricingTriggerOn])
  }

  /// What others decide in their lanes neither tells of it nor has it forgotten.
  @Test func eachLaneTellsOfItsOwnTriggers() throws {
    var set = saturdays(WorkingSet(counters: StoreCounters(lanes: 2))).set
    let seller = try #require(set.catalogue.product("seat")).sellerID
    let (own, other) = (set.lane(ofSeller: seller), 1 - set.lane(ofSeller: seller))
    let midnight = instant("2026-12-03T05:00:00")
    func decided(_ lane: Int, _ set: inout WorkingSet) -> [Event] {
      let now = set.decide(at: midnight, in: LaneSet(lane))
      #expect(Ledger.expire(&set, at: now, in: LaneSet(lane), limit: 7) == .done)
      let events = set.changes().events
      set.commit()
      return events
    }
    #expect(decided(other, &set) == [])
    #expect(set.nextExpiry(in: LaneSet(own)) == instant("2026-12-02T05:00:00"))
    // Nor for who begins with the store as it is then.
    var next = WorkingSet(counters: set.counters)
    let bus = try #require(set.catalogue.resource("bus"))
    next.load(bus.resource, zone: bus.zone)
    next.load(try #require(set.catalogue.product("seat")))
    for lane in [other, own] {
      #expect(decided(lane, &next).map(\.kind) == (lane == own ? [.pricingTriggerOn] : []))
    }
    #expect(decided(own, &set).map(\.kind) == [.pricingTriggerOn])
    #expect(decided(own, &set) == [])
  }

  @Test func withoutDaysNothingWakesUp() {
    var desk = desk(busy(50))
    #expect(desk.set.nextExpiry() == nil)
  }
}
