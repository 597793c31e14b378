internal import CupoSchema
internal import Protobuf
internal import RPC

/// Release without amounts, in each state of a reservation, and reading a reservation.
enum ReleaseChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.release.path
    let read = CapacityService.getReservation.path
    return [
      ContractCheck(path, "HELD: gives back what is held, sellable at once", held),
      ContractCheck(path, "RELEASED: a repeat is answered as a replay", repeated),
      ContractCheck(path, "CONSUMED: ALREADY_CONSUMED", consumed),
      ContractCheck(path, "EXPIRED: nothing to do, stays EXPIRED", expired),
      ContractCheck(
        path, "CANCELLED: ALREADY_CANCELLED", needs: [CapacityService.cancel.path], cancelled),
      ContractCheck(path, "RESERVATION_NOT_FOUND", notFound),
      ContractCheck(path, "never refused while paused", paused),
      ContractCheck(read, "by id and by code", read(_:)),
      ContractCheck(read, "RESERVATION_NOT_FOUND", unread),
    ]
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let before = try await run.hold(product, 2)
    let response = try await run.release(before.reservationID) { $0.reason = "changed its mind" }
    let reservation = response.reservation ?? Reservation()
    try expectEqual("replayed", response.replayed, false)
    try expectEqual("state", reservation.state, .released)
    try expect(reservation.closedAt != nil, "closed_at is set", got: "it is not")
    try ReserveChecks.lines(reservation, [2], released: [2])
    _ = try await run.hold(product, 2)
  }

  private static func repeated(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let id = try await run.hold(product, 2).reservationID
    let first = try await run.release(id)
    let again = try await run.release(id)
    try expectEqual("replayed", again.replayed, true)
    try expect(
      again.reservation == first.reservation, "the same reservation", got: "another or changed")
    try await run.expectCount(product, held: 0)
  }

  private static func consumed(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let id = try await run.hold(product, 2).reservationID
    try await run.consume(id)
    try await run.caller.refused(
      CapacityService.release, ContractRun.releaseRequest(id), .alreadyConsumed)
    try await run.expectCount(product, held: 0, consumed: 2)
  }

  private static func expired(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let id = try await ConsumeChecks.dead(product, run)
    let response = try await run.release(id)
    try expectEqual("replayed", response.replayed, true)
    try expectEqual("state", response.reservation?.state, .expired)
    try await run.expectCount(product, held: 0)
  }

  private static func cancelled(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await ConsumeChecks.cancelledReservation(run)
    try await run.caller.refused(
      CapacityService.release, ContractRun.releaseRequest(id), .alreadyCancelled)
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      CapacityService.release, ContractRun.releaseRequest(run.fresh("none")), .reservationNotFound)
  }

  private static func paused(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let id = try await run.hold(product, 2).reservationID
    try await run.put(run.stock(product, units: 0))
    try await run.release(id)
    try await run.expectCount(product, held: 0)
  }

  // MARK: GetReservation

  private static func read(_ run: ContractRun) async throws(CheckFailure) {
    let reservation = try await run.hold(run.sellStock(2), 2)
    let byID = try await run.read(reservation.reservationID)
    try expect(byID == reservation, "what Reserve has answered", got: "\(byID)")
    var request = GetReservationRequest()
    request.name = .code(reservation.code)
    let byCode = try await run.caller.ok(CapacityService.getReservation, request).reservation
    try expect(byCode == reservation, "the same by its code", got: byCode?.reservationID ?? "none")
    // Of zero and O, of one and I, there is neither.
    let lookAlikes = reservation.code.filter { "01IO".contains($0) || $0.isLowercase }
    let parts = reservation.code.split(separator: "-")
    try expect(
      parts.count == 2 && parts.allSatisfy { $0.count == 4 } && lookAlikes.isEmpty,
      "a code as in K7QF-93MX", got: reservation.code)
  }

  private static func unread(_ run: ContractRun) async throws(CheckFailure) {
    for name in [
      GetReservationRequest.Name.reservationID(run.fresh("none")), .code("ZZZZ-ZZZZ"), .code("x"),
    ] {
      var request = GetReservationRequest()
      request.name = name
      try await run.caller.refused(CapacityService.getReservation, request, .reservationNotFound)
    }
  }
}
