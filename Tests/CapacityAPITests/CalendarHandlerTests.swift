import Capacity
import CupoSchema
import Protobuf
import RPC
import Testing

@testable import CapacityAPI

/// GetCalendar, BatchGetAvailability and ExplainAvailability over loopback.
@Suite(.timeLimit(.minutes(5)))
struct CalendarHandlerTests {
  private func house() async throws -> House {
    let house = try await House()
    try await house.furnish()
    return house
  }

  @Test func aDayInOneLine() async throws {
    let house = try await house()
    // Two departures of three seats each: one has a seat left, the other two.
    try await house.reserve("seat", 2, slot: "2026-12-03T10:00:00+00:00")
    try await house.reserve("seat", 1, slot: "2026-12-03T11:00:00+00:00")
    let pair = try await house.calendar("seat", "2026-12-03", "2026-12-04", quantity: 2)
    #expect(pair.timeZone == "UTC" && pair.asOf?.seconds == house.clock.now.seconds)
    let day = pair.days[0]
    #expect(day.date == "2026-12-03" && day.status == .available && day.slots == 2)
    #expect(day.largestParty == 2 && day.totalRemaining == 3 && day.openSlots == 1)
    #expect(day.closedReason == .unspecified && !day.unlimited)
    #expect(pair.days[1].largestParty == 3 && pair.days[1].totalRemaining == 6)
    // Three do not fit anywhere that day, though three seats are left.
    let three = try await house.calendar("seat", "2026-12-03", "2026-12-03", quantity: 3)
    #expect(three.days[0].status == .insufficient && three.days[0].openSlots == 0)
    await house.close()
  }

  @Test func daysThatAreShutSayWhy() async throws {
    let house = try await house()
    try await house.putPool(Capacity.SaleWindow(horizonDays: 2))
    let days = try await house.calendar("tour", "2026-11-30", "2026-12-05").days
    #expect(
      days.map(\.status) == [.closed, .available, .available, .available, .closed, .closed])
    #expect(days[0].closedReason == .slotPast && days[4].closedReason == .beyondHorizon)
    #expect(days[1].largestParty == 3 && days[0].largestParty == 0 && days[0].totalRemaining == 0)
    // A date of which the schedule makes nothing is there all the same.
    let stock = try await house.calendar("ticket", "2026-12-01", "2026-12-03").days
    #expect(stock.map(\.totalRemaining) == [5, 5, 5] && stock.map(\.slots) == [1, 1, 1])
    try await house.closeHallTomorrow()
    house.clock.advance(86_400)
    let shut = try await house.calendar("ticket", "2026-12-02", "2026-12-02").days[0]
    #expect(shut.status == .closed && shut.closedReason == .closed)
    #expect(shut.closureReason == "VACATION" && shut.totalRemaining == 0)
    await house.close()
  }

  @Test func theCalendarFollowsTheCatalogue() async throws {
    let house = try await house()
    #expect(try await house.calendar("seat", "2026-12-03", "2026-12-03").days[0].slots == 2)
    try await house.putBus(until: "15:00")
    #expect(try await house.calendar("seat", "2026-12-03", "2026-12-03").days[0].slots == 5)
    #expect(try await house.availability("seat", from: "2026-12-03").slots.count == 5)
    let error = try await told {
      _ = try await house.calendar("nothing", "2026-12-03", "2026-12-03")
    }
    #expect(error.reason == "PRODUCT_NOT_FOUND")
    let range = try await told {
      _ = try await house.calendar("seat", "2026-12-03", "2027-12-04")
    }
    #expect(range.reason == "FIELD_VIOLATION" && range.fields == ["to_date"])
    await house.close()
  }

  @Test func eachCheckHasItsAnswer() async throws {
    let house = try await house()
    let sold = try await house.reserve("seat", 3, slot: "2026-12-24T10:00:00+00:00")
    _ = try await house.consume(sold.reservation?.reservationID ?? "")
    try await house.reserve("visit", 4, slot: "2026-12-24")
    let rows: [(String, String, UInt32, String, Bool)] = [
      ("ticket", "", 5, "ERROR_REASON_UNSPECIFIED", true),
      ("ticket", "", 6, "INSUFFICIENT_CAPACITY", true),
      ("seat", "2026-12-24T10:00:00+00:00", 1, "SOLD_OUT", true),
      ("visit", "2026-12-24", 0, "HELD_BY_OTHERS", true),
      ("visit", "2026-11-30", 1, "SLOT_PAST", true),
      ("nothing", "", 1, "PRODUCT_NOT_FOUND", false),
      ("seat", "2026-12-24T10:30:00+00:00", 1, "NO_SLOT_AT_TIME", false),
      ("seat", "2026-12-24", 1, "SLOT_MALFORMED", false),
      // Each is answered as if it were alone.
      ("ticket", "", 5, "ERROR_REASON_UNSPECIFIED", true),
    ]
    let response = try await house.check(rows.map { ($0.0, $0.1, $0.2) })
    #expect(response.answers.count == rows.count && response.asOf != nil)
    for (row, answer) in zip(rows, response.answers) {
      let reason = answer.reason == .unspecified ? "ERROR_REASON_UNSPECIFIED" : answer.reason.name
      #expect(reason == row.3, "\(row)")
      #expect(answer.sellable == (answer.reason == .unspecified), "\(row)")
      #expect((answer.slot != nil) == row.4, "\(row)")
    }
    #expect(response.answers[3].slot?.nextHoldExpiry?.seconds == house.clock.now.seconds + 60)
    await house.close()
  }

  @Test func everyObstacleIsExplained() async throws {
    let house = try await house()
    let now = house.clock.now
    var window = Capacity.SaleWindow(horizonDays: 3)
    window.onSaleFrom = now + Interval(seconds: 60)
    try await house.putPool(window, paused: true)
    try await house.reserve("visit", 4, slot: "2026-12-24", ttl: 30)
    let explained = try await house.explain("tour", "2026-12-24", 9)
    #expect(!explained.sellable)
    #expect(
      explained.obstacles.map(\.reason) == [
        .paused, .notYetOnSale, .beyondHorizon, .aboveMaxQuantity, .insufficientCapacity,
      ])
    #expect(
      explained.obstacles.map { $0.until?.seconds } == [
        nil, now.seconds + 60, CivilDate("2026-12-21")?.localSeconds, nil, nil,
      ])
    #expect(explained.obstacles.map(\.subject) == ["quota", "quota", "quota", "tour", "quota"])
    #expect(explained.obstacles.allSatisfy { !$0.description.isEmpty })
    let held = try await house.explain("visit", "2026-12-24", 1)
    #expect(held.obstacles.map(\.reason) == [.heldByOthers])
    #expect(held.obstacles[0].until?.seconds == now.seconds + 30)
    #expect(try await house.explain("visit", "2026-12-23", 4).sellable)
    let missing = try await house.explain("seat", "2026-12-24T10:30:00+00:00", 1)
    #expect(missing.obstacles.map(\.reason) == [.noSlotAtTime])
    let unknown = try await told { _ = try await house.explain("nothing", "", 1) }
    #expect(unknown.reason == "PRODUCT_NOT_FOUND")
    let malformed = try await told { _ = try await house.explain("seat", "2026-12-24", 1) }
    #expect(malformed.reason == "SLOT_MALFORMED" && malformed.fields == ["slot"])
    await house.close()
  }

  @Test func aCalendarOfTooManySlots() async throws {
    let house = try await house()
    try await house.putMinutes()
    // 1,440 slots a day: 83 days are 119,520 of them.
    #expect(try await house.calendar("minute", "2026-12-02", "2027-02-22").days.count == 83)
    let error = try await told {
      _ = try await house.calendar("minute", "2026-12-02", "2027-02-23")
    }
    #expect(error.reason == "FIELD_VIOLATION" && error.fields == ["to_date"])
    await house.close()
  }

  /// Without a quantity everybody is asked about the least that can be reserved: two of a tour.
  @Test func anAbsentQuantityIsTheSameForAll() async throws {
    let house = try await house()
    try await house.putPool(nil)
    try await house.reserve("tour", 3, slot: "2026-12-02")
    for (date, status) in [
      ("2026-12-02", AvailabilityStatus.insufficient), ("2026-12-03", .available),
    ] {
      let isSellable = status == .available
      let listed = try await house.availability("tour", from: date).slots[0]
      #expect(listed.status == status)
      #expect(try await house.calendar("tour", date, date).days[0].status == status)
      let checked = try await house.check([("tour", date, 0)]).answers[0]
      #expect(checked.sellable == isSellable && checked.slot == listed)
      #expect(try await house.explain("tour", date, 0).sellable == isSellable)
      var mirror = try await house.watch(["tour"], from: date, to: date)
      try await mirror.snapshot()
      #expect(mirror.slots["tour \(date)"] == listed)
      #expect(((try? await house.reserve("tour", 2, slot: date)) != nil) == isSellable)
    }
    await house.close()
  }

  @Test func theCacheKeepsWhatIsGoodAndNoMore() throws {
    var catalogue = Catalogue()
    for id in ["a", "b", "c"] {
      catalogue.put(
        Capacity.Resource(
          id: id, sellerID: "sol",
          inventory: .daily(Capacity.DailyCapacity(defaultLimit: .units(1)))), zone: .utc)
      catalogue.put(
        Capacity.Product(id: id, sellerID: "sol", draws: [Capacity.Draw(resourceID: id)]))
    }
    let cache = CalendarCache(slotsMax: 20)
    func use(_ id: String, days: Int32) throws -> Int {
      let offer = try #require(Offer(id, in: catalogue))
      var calendar = cache.calendar(of: offer)
      let known = calendar.slotsCount
      for day in 20_000..<20_000 + days { _ = calendar.day(CivilDate(day: day)) }
      cache.keep(calendar)
      return known
    }
    #expect(try use("a", days: 8) == 0)
    #expect(try use("a", days: 8) == 8)
    #expect(try use("b", days: 8) == 0)
    // The third makes the first go, which was not asked for longest.
    #expect(try use("c", days: 8) == 0)
    #expect(cache.slotsCount == 16)
    #expect(try use("b", days: 8) == 8)
    #expect(try use("a", days: 8) == 0)
    // Larger than half of everything: let go, so that it begins anew.
    #expect(try use("b", days: 11) == 8)
    #expect(try use("b", days: 8) == 0)
    #expect(try use("b", days: 1) == 8)
    // Another definition is another calendar.
    catalogue.put(
      Capacity.Resource(
        id: "b", sellerID: "sol",
        inventory: .daily(Capacity.DailyCapacity(defaultLimit: .units(2)))), zone: .utc)
    #expect(try use("b", days: 8) == 0)
    #expect(cache.slotsCount <= 20)
  }
}

extension House {
  func calendar(
    _ product: String, _ from: String, _ to: String, quantity: UInt32 = 0
  ) async throws(RPCError) -> GetCalendarResponse {
    var request = GetCalendarRequest()
    request.productID = product
    (request.fromDate, request.toDate) = (from, to)
    request.quantity = quantity
    return try await client.unary(AvailabilityService.getCalendar, request)
  }

  fileprivate func check(
    _ checks: [(String, String, UInt32)]
  ) async throws(RPCError) -> BatchGetAvailabilityResponse {
    var request = BatchGetAvailabilityRequest()
    request.checks = checks.map { product, slot, quantity in
      var check = AvailabilityCheck()
      check.productID = product
      check.slot = slot
      check.quantity = quantity
      return check
    }
    return try await client.unary(AvailabilityService.batchGetAvailability, request)
  }

  fileprivate func explain(
    _ product: String, _ slot: String, _ quantity: UInt32
  ) async throws(RPCError) -> ExplainAvailabilityResponse {
    var request = ExplainAvailabilityRequest()
    request.productID = product
    request.slot = slot
    request.quantity = quantity
    return try await client.unary(AvailabilityService.explainAvailability, request)
  }
}
