internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// Consume without amounts: in each state of a reservation (SYSTEM, section 4).
enum ConsumeChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.consume.path
    return [
      ContractCheck(path, "HELD: sells what is held", held),
      ContractCheck(path, "CONSUMED: a repeat is answered with the first outcome", repeated),
      ContractCheck(path, "RELEASED: ALREADY_RELEASED", released),
      ContractCheck(path, "EXPIRED: RESERVATION_EXPIRED", expired),
      ContractCheck(path, "EXPIRED: taken again if the caller says so", reacquired),
      ContractCheck(
        path, "EXPIRED: not taken again from others, and the obstacle is named", obstacle),
      ContractCheck(
        path, "CANCELLED: ALREADY_CANCELLED", needs: [CapacityService.cancel.path], cancelled),
      ContractCheck(path, "RESERVATION_NOT_FOUND", notFound),
      ContractCheck(path, "calls at the same time sell once", race),
    ]
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let before = try await run.hold(product, 2)
    let response = try await run.consume(before.reservationID)
    let reservation = response.reservation ?? Reservation()
    try expectEqual("replayed", response.replayed, false)
    try expectEqual("outcome", response.outcome, .consumed)
    try expectEqual("state", reservation.state, .consumed)
    try expect(reservation.closedAt != nil, "closed_at is set", got: "it is not")
    try expect(
      reservation.version > before.version, "a version above \(before.version)",
      got: "\(reservation.version)")
    try ReserveChecks.lines(reservation, [2], consumed: [2])
    try await run.expectCount(product, held: 0, consumed: 2)
  }

  private static func repeated(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 2).reservationID
    let first = try await run.consume(id)
    let again = try await run.consume(id)
    try expectEqual("replayed", again.replayed, true)
    try expectEqual("outcome", again.outcome, first.outcome)
    try expect(
      again.reservation == first.reservation, "the same reservation", got: "another or changed")
    try await run.expectCount(product, held: 0, consumed: 2)
  }

  private static func released(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 2).reservationID
    try await run.release(id)
    for reacquire in [false, true] {
      let request = ContractRun.consumeRequest(id) { $0.reacquireIfExpired = reacquire }
      try await run.caller.refused(CapacityService.consume, request, .alreadyReleased)
    }
    try await run.expectCount(product, held: 0)
  }

  /// A hold of one unit of `productID` that has expired.
  static func dead(_ productID: String, _ run: ContractRun) async throws(CheckFailure) -> String {
    let hold = try await run.hold(productID, 1, ttl: ProtobufDuration(seconds: 1))
    try await run.wait(.milliseconds(1_050))
    return hold.reservationID
  }

  private static func expired(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await dead(product, run)
    try await run.caller.refused(
      CapacityService.consume, ContractRun.consumeRequest(id), .reservationExpired)
    try await run.expectCount(product, held: 0)
  }

  private static func reacquired(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let id = try await dead(product, run)
    let first = try await run.consume(id) { $0.reacquireIfExpired = true }
    try expectEqual("outcome", first.outcome, .consumedAfterReacquire)
    try expectEqual("replayed", first.replayed, false)
    try expectEqual("state", first.reservation?.state, .consumed)
    let again = try await run.consume(id)
    try expectEqual("outcome of the repeat", again.outcome, .consumedAfterReacquire)
    try expectEqual("replayed at the repeat", again.replayed, true)
    try await run.expectCount(product, held: 0, consumed: 1)
  }

  private static func obstacle(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let id = try await dead(product, run)
    _ = try await run.hold(product, 1)
    let request = ContractRun.consumeRequest(id) { $0.reacquireIfExpired = true }
    let refusal = try await run.caller.refused(
      CapacityService.consume, request, .reservationExpired)
    let failing = refusal.preconditions.flatMap(\.violations).map(\.type)
    try expectEqual("PreconditionFailure", failing, ["HELD_BY_OTHERS"])
    try await run.expectCount(product, held: 1)
  }

  private static func cancelled(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await cancelledReservation(run)
    try await run.caller.refused(
      CapacityService.consume, ContractRun.consumeRequest(id), .alreadyCancelled)
  }

  /// A reservation that was consumed and cancelled.
  static func cancelledReservation(_ run: ContractRun) async throws(CheckFailure) -> String {
    let id = try await run.hold(run.sellStock(1), 1).reservationID
    try await run.consume(id)
    var request = CancelRequest()
    request.reservationID = id
    _ = try await run.caller.ok(CapacityService.cancel, request)
    return id
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    for id in [run.fresh("none"), "r", "0", String(repeating: "z", count: 64)] {
      try await run.caller.refused(
        CapacityService.consume, ContractRun.consumeRequest(id), .reservationNotFound)
    }
  }

  private static func race(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 2).reservationID
    let body = Caller.frame(ContractRun.consumeRequest(id).encoded())
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask { _ = await run.caller.raw(CapacityService.consume.path, body: body) }
      }
    }
    try await run.expectCount(product, held: 0, consumed: 2)
  }
}
