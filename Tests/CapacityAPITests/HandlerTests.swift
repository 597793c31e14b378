import Capacity
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import Testing

/// Each handler over loopback; what a caller is told when it is refused.
@Suite(.timeLimit(.minutes(5)))
struct HandlerTests {
  private func house() async throws -> House {
    let house = try await House()
    try await house.furnish()
    return house
  }

  @Test func theLifeOfAReservation() async throws {
    let house = try await house()
    let first = try await house.reserve("ticket", 2, key: "k")
    let reservation = try #require(first.reservation)
    #expect(!first.replayed && reservation.state == .held && reservation.buyerID == "bea")
    #expect(reservation.expiresAt?.seconds == house.clock.now.seconds + 60)
    let replay = try await house.reserve("ticket", 2, key: "k")
    #expect(replay.replayed && replay.reservation == reservation)
    #expect(try await house.found(id: reservation.reservationID) == reservation)
    #expect(try await house.found(code: reservation.code.lowercased()) == reservation)
    let consumed = try await house.consume(reservation.reservationID)
    #expect(consumed.outcome == .consumed && consumed.reservation?.state == .consumed)
    #expect(try await house.consume(reservation.reservationID).replayed)
    let error = try await told { _ = try await house.release(reservation.reservationID) }
    #expect(error.reason == "ALREADY_CONSUMED")
    await house.close()
  }

  @Test func lateConsume() async throws {
    let house = try await house()
    let id = try await house.reserve("ticket", 2).reservation?.reservationID ?? ""
    house.clock.advance(60)
    #expect(try await told { _ = try await house.consume(id) }.reason == "RESERVATION_EXPIRED")
    let late = try await house.consume(id, reacquire: true)
    #expect(late.outcome == .consumedAfterReacquire && !late.replayed)
    #expect(try await house.consume(id).outcome == .consumedAfterReacquire)
    await house.close()
  }

  /// One row a reason that a caller of this version can meet.
  @Test func reasonsOfReserving() async throws {
    let house = try await house()
    try await house.putPool(nil)
    try await house.reserve("visit", 4, slot: "2026-12-24")
    try await house.reserve("ticket", 5, ttl: 30)
    let sold = try await house.reserve("seat", 3, slot: "2026-12-24T10:00:00+00:00")
    _ = try await house.consume(sold.reservation?.reservationID ?? "")
    try await house.reserve("ticket", 0, key: "", told: "FIELD_VIOLATION", .invalidArgument)
    try await house.reserve("nothing", told: "PRODUCT_NOT_FOUND", .notFound)
    try await house.reserve("visit", slot: "24/12", told: "SLOT_MALFORMED", .invalidArgument)
    try await house.reserve(
      "seat", slot: "2026-12-24T10:30:00+00:00", told: "NO_SLOT_AT_TIME", .notFound)
    try await house.reserve("visit", slot: "2026-11-30", told: "SLOT_PAST", .failedPrecondition)
    try await house.reserve(
      "seat", slot: "2026-12-24T10:00:00+00:00", told: "SOLD_OUT", .resourceExhausted)
    try await house.reserve("ticket", 6, told: "INSUFFICIENT_CAPACITY", .resourceExhausted)
    try await house.reserve("ticket", told: "HELD_BY_OTHERS", .resourceExhausted)
    try await house.reserve(
      "tour", 1, slot: "2026-12-24", told: "BELOW_MIN_QUANTITY", .failedPrecondition)
    try await house.reserve(
      "tour", 4, slot: "2026-12-24", told: "ABOVE_MAX_QUANTITY", .failedPrecondition)
    let now = house.clock.now
    let windows: [(Capacity.SaleWindow, String)] = [
      (Capacity.SaleWindow(onSaleFrom: now + Interval(seconds: 1)), "NOT_YET_ON_SALE"),
      (Capacity.SaleWindow(onSaleUntil: now), "SALE_ENDED"),
      (Capacity.SaleWindow(leadTime: Interval(seconds: 86_400 * 40)), "LEAD_TIME"),
      (Capacity.SaleWindow(cutoffTime: ClockTime("08:00"), cutoffDaysBefore: 23), "CUTOFF_PASSED"),
      (Capacity.SaleWindow(horizonDays: 3), "BEYOND_HORIZON"),
    ]
    for (window, reason) in windows {
      try await house.putPool(window)
      try await house.reserve("tour", 2, slot: "2026-12-24", told: reason, .failedPrecondition)
    }
    house.faults.setFull(true)
    try await house.reserve(
      "visit", slot: "2026-12-23", told: "STORAGE_UNAVAILABLE", .unavailable)
    house.faults.setFull(false)
    try await house.reserve("visit", slot: "2026-12-23")
    await house.close()
  }

  @Test func theErrorSpeaksTheCallersLanguage() async throws {
    let house = try await house()
    let spanish = try await told {
      try await house.reserve("ticket", 6, language: "es-CO, en;q=0.5")
    }
    let english = try await told { try await house.reserve("ticket", 6) }
    #expect(spanish.text == "No quedan tantos cupos.")
    #expect(english.text == "There are not that many places left.")
    #expect(spanish.metadata == ["requested": "6", "available": "5", "line": "0"])
    await house.close()
  }

  @Test func reasonsOfResolving() async throws {
    let house = try await house()
    let id = try await house.reserve("ticket", 2).reservation?.reservationID ?? ""
    let reasons = [
      try await told { _ = try await house.consume("rsv_0000000000000") }.reason,
      try await told { _ = try await house.consume(id, amount: 3, requestID: "a") }.reason,
      try await told { _ = try await house.consume(id, amount: 1) }.reason,
    ]
    #expect(reasons == ["RESERVATION_NOT_FOUND", "EXCEEDS_HELD_QUANTITY", "FIELD_VIOLATION"])
    #expect(try await house.consume(id, amount: 1, requestID: "a").reservation?.state == .held)
    #expect(try await house.consume(id, amount: 1, requestID: "a").replayed)
    let reused = try await told {
      _ = try await house.consume(id, amount: 2, requestID: "a")
    }
    #expect(reused.reason == "IDEMPOTENCY_KEY_REUSED" && reused.metadata["field"] == "amounts")
    await house.close()
  }

  @Test func pagesTogetherAreTheWhole() async throws {
    let house = try await house()
    let whole = try await house.availability("seat", from: "2026-12-02", to: "2026-12-06")
    #expect(whole.slots.count == 10 && whole.nextPageToken.isEmpty)
    #expect(whole.timeZone == "UTC" && whole.tzdataVersion == "test" && whole.asOf != nil)
    for size in UInt32(1)...11 {
      var slots = whole.slots
      slots.removeAll()
      var token = ""
      repeat {
        let page = try await house.availability(
          "seat", from: "2026-12-02", to: "2026-12-06", pageSize: size, pageToken: token)
        #expect(page.slots.count <= Int(size))
        slots += page.slots
        token = page.nextPageToken
      } while !token.isEmpty
      #expect(slots == whole.slots)
    }
    let error = try await told {
      _ = try await house.availability("seat", from: "2026-12-02", pageToken: "1.zz.zz.z")
    }
    #expect(error.reason == "PAGE_TOKEN_INVALID")
    await house.close()
  }

  @Test func whatIsListedCanBeReserved() async throws {
    let house = try await house()
    try await house.reserve("visit", 3, slot: "2026-12-03")
    try await house.reserve("visit", 4, slot: "2026-12-04")
    let listed = try await house.availability(
      "visit", from: "2026-11-30", to: "2026-12-05", quantity: 2)
    #expect(listed.slots.map(\.slot).first == "2026-11-30" && listed.slots.count == 6)
    for slot in listed.slots {
      let isSold = (try? await house.reserve("visit", 2, slot: slot.slot)) != nil
      #expect(isSold == (slot.status == .available), "\(slot.slot)")
    }
    #expect(
      listed.slots.map(\.status) == [
        .closed, .available, .available, .insufficient, .heldOnly, .available,
      ])
    await house.close()
  }

  @Test func aRangeThatIsTooLongOrReversed() async throws {
    let house = try await house()
    let rows = [("2026-12-02", "2026-12-01"), ("2026-12-02", "2027-12-03")]
    for (from, to) in rows {
      let error = try await told { _ = try await house.availability("seat", from: from, to: to) }
      #expect(error.reason == "FIELD_VIOLATION" && error.fields == ["to_date"])
    }
    #expect(
      try await house.availability("visit", from: "2026-12-02", to: "2027-12-02").slots.count == 366
    )
    await house.close()
  }
}
