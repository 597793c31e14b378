import Capacity
import Testing

/// What one buyer may hold and take of a product (SYSTEM.md section 4).
struct BuyerLimitTests {
  private func desk(
    held: Int64 = 0, daily: Int64 = 0, zone: String = "UTC", at now: String = "2026-12-01T12:00:00"
  ) throws -> Desk {
    var desk = Desk(at: now)
    desk.put(
      slots("bus", window("10:00", "12:00", limit: .units(100)), zone: zone),
      zone: zone == "UTC" ? .utc : try Zones.read(zone))
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.limits = PurchaseLimits(maxHeldPerBuyer: held, maxPerBuyerPerDay: daily)
    #expect(desk.put(seat).rejection == nil)
    desk.put(product("other", Draw(resourceID: "bus")))
    return desk
  }

  private static let ten = "2026-12-24T10:00:00+00:00"
  private func seats(_ count: Int64, _ slot: String = Self.ten) -> Command.RequestedLine {
    line("seat", count, slot: slot)
  }

  @Test func whatIsHeldAtOnceIsLimited() throws {
    var desk = try desk(held: 4)
    #expect(desk.reserve(seats(3), ttl: 60).rejection == nil)
    #expect(desk.reserve(seats(2)).obstacle == .buyerLimitReached(4))
    #expect(desk.reserve(seats(2), buyer: "abe").rejection == nil)
    // Another product, and what is given back, do not count; nor what is bought.
    #expect(desk.reserve(line("other", 9, slot: Self.ten)).rejection == nil)
    #expect(desk.reserve(seats(1)).rejection == nil)
    desk.release(1)
    #expect(desk.reserve(seats(3), ttl: 60).rejection == nil)
    let last = try #require(desk.reserve(seats(1)).rejection)
    #expect(last != .reservationNotFound)
    desk.consume(5)
    #expect(desk.reserve(seats(3), ttl: 60).rejection == nil)
    desk.advance(61)
    #expect(desk.reserve(seats(3)).rejection == nil)
  }

  @Test func linesOfOneRequestCountTogether() throws {
    var desk = try desk(held: 4)
    let eleven = "2026-12-24T11:00:00+00:00"
    #expect(desk.reserve(seats(2), seats(3, eleven)).obstacle == .buyerLimitReached(4))
    #expect(desk.reserve(seats(2), seats(2, eleven)).rejection == nil)
  }

  @Test func theDayIsThatOfTheResource() throws {
    // 04:30 UTC is 23:30 in Bogotá.
    let slot = "2026-12-24T10:00:00-05:00"
    var desk = try desk(daily: 3, zone: "America/Bogota", at: "2026-12-02T04:30:00")
    #expect(desk.reserve(seats(3, slot)).rejection == nil)
    desk.consume(1)
    #expect(desk.reserve(seats(1, slot)).obstacle == .buyerLimitReached(3))
    desk.now = instant("2026-12-02T04:59:59")
    #expect(desk.reserve(seats(1, slot)).obstacle == .buyerLimitReached(3))
    desk.now = instant("2026-12-02T05:00:00")
    #expect(desk.reserve(seats(3, slot)).rejection == nil)
    // Back to the day before it counts nothing.
    desk.cancel(1)
    #expect(desk.reserve(seats(1, slot)).obstacle == .buyerLimitReached(3))
    desk.release(2)
    #expect(desk.reserve(seats(1, slot)).rejection == nil)
  }

  @Test func aLimitCountsWhatWasThereBeforeIt() throws {
    var desk = try desk()
    desk.reserve(seats(3), ttl: 600)
    desk.reserve(seats(2), ttl: 600)
    desk.consume(2)
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.limits = PurchaseLimits(maxHeldPerBuyer: 3, maxPerBuyerPerDay: 6)
    desk.put(seat)
    #expect(desk.reserve(seats(1)).obstacle == .buyerLimitReached(3))
    desk.release(1, [LineAmount(line: 0, quantity: 2)], id: "r")
    #expect(desk.reserve(seats(2)).rejection == nil)
    desk.release(3)
    seat.limits = PurchaseLimits(maxPerBuyerPerDay: 6)
    desk.put(seat)
    #expect(desk.reserve(seats(4)).obstacle == .buyerLimitReached(6))
    #expect(desk.reserve(seats(3)).rejection == nil)
  }

  @Test func aSecondTryCountsOnTheDayOfItsReserve() throws {
    var desk = try desk(held: 2, daily: 2)
    for _ in 0..<3 {
      #expect(desk.reserve(seats(2), ttl: 60).rejection == nil)
      desk.advance(61)
    }
    desk.now = instant("2026-12-02T12:00:00")
    #expect(desk.consume(1, reacquire: true).rejection == nil)
    guard case .reservationExpired(let failures)? = desk.consume(2, reacquire: true).rejection
    else {
      Issue.record("the limit of the day before was passed")
      return
    }
    #expect(failures.first?.obstacle.kind == .buyerLimitReached(2))
    // Today is another day.
    #expect(desk.reserve(seats(2)).rejection == nil)
  }

  @Test func whatIsRolledBackNeverCounted() throws {
    var desk = try desk(held: 4, daily: 9)
    desk.reserve(seats(1), ttl: 600)
    for _ in 0..<5 {
      let outcome = desk.draft(
        .reserve(
          Command.Reserve(
            key: IdempotencyKey(buyerID: "bea", key: "tried"), lines: [seats(3)], ttl: nil,
            reference: "", actor: "bea")))
      #expect(outcome.rejection == nil)
      desk.set.rollBack()
    }
    #expect(desk.reserve(seats(3)).rejection == nil)
    #expect(desk.reserve(seats(1)).obstacle == .buyerLimitReached(4))
  }

  @Test func explainSaysWhenItLifts() throws {
    var desk = try desk(held: 4, daily: 5)
    desk.reserve(seats(1), ttl: 100)
    desk.reserve(seats(3), ttl: 200)
    let first = desk.now
    let found = SlotPlan.find(
      productID: "seat", slotID: Self.ten, in: desk.set.catalogue, at: desk.now)
    guard case .plan(let plan) = found else {
      Issue.record("no such slot")
      return
    }
    let views = plan.pools.map { desk.set.view($0) }
    let buyer = try #require(desk.set.buyer("bea"))
    func obstacles(_ quantity: Int64) -> [Obstacle] {
      Evaluator(plan, at: desk.now)
        .obstacles(quantity: quantity, views: views, buyer: BuyerCheck(buyer))
    }
    #expect(obstacles(1).map(\.until) == [first + Interval(seconds: 100)])
    #expect(
      obstacles(2).map(\.until) == [
        first + Interval(seconds: 200), instant("2026-12-02T00:00:00"),
      ])
    #expect(obstacles(6).map(\.until) == [nil, nil])
    #expect(obstacles(6).map(\.kind) == [.buyerLimitReached(4), .buyerLimitReached(5)])
  }
}
