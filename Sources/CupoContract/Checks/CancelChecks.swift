internal import CupoSchema
internal import Protobuf
internal import RPC

/// Cancel, wholly and by amounts, in each state of a reservation.
enum CancelChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.cancel.path
    return [
      ContractCheck(path, "CONSUMED: returns what was sold, sellable at once", consumed),
      ContractCheck(path, "CANCELLED: a repeat is answered as a replay", repeated),
      ContractCheck(path, "HELD: NOT_CONSUMED while nothing is sold", held),
      ContractCheck(path, "HELD: returns what is sold, the rest stays held", partlyHeld),
      ContractCheck(path, "RELEASED: NOT_CONSUMED", released),
      ContractCheck(path, "EXPIRED: NOT_CONSUMED", expired),
      ContractCheck(path, "amounts: returns a part, the rest stays sold", part),
      ContractCheck(path, "amounts: a replay returns nothing more", partAgain),
      ContractCheck(path, "amounts: the same request_id, other amounts", reused),
      ContractCheck(path, "amounts: more than is sold is NOT_CONSUMED", tooMuch),
      ContractCheck(path, "amounts: a line that does not exist", noLine),
      ContractCheck(path, "RESERVATION_NOT_FOUND", notFound),
    ]
  }

  private static func request(
    _ id: String, _ requestID: String = "", _ amounts: [(UInt32, UInt32)] = []
  ) -> CancelRequest {
    var request = CancelRequest()
    request.reservationID = id
    request.reason = "refund"
    request.requestID = requestID
    request.amounts = amounts.map { ContractRun.amount($0.0, $0.1) }
    return request
  }

  /// A product of 10 with 4 units sold in one line and 2 in another.
  private static func start(
    _ run: ContractRun
  ) async throws(CheckFailure) -> (product: String, id: String) {
    let product = try await run.sellStock(10)
    var request = run.request(product, 4)
    request.lines.append(ContractRun.line(product, 2))
    let id = try await run.reserve(request).reservation?.reservationID ?? ""
    try await run.consume(id)
    return (product, id)
  }

  private static func consumed(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let response = try await run.caller.ok(CapacityService.cancel, request(id))
    try expectEqual("replayed", response.replayed, false)
    try expectEqual("state", response.reservation?.state, .cancelled)
    try ReserveChecks.lines(response.reservation ?? Reservation(), [4, 2], released: [4, 2])
    try await run.expectCount(product, held: 0)
    _ = try await run.hold(product, 10)
  }

  private static func repeated(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let first = try await run.caller.ok(CapacityService.cancel, request(id))
    let again = try await run.caller.ok(CapacityService.cancel, request(id))
    try expectEqual("replayed", again.replayed, true)
    try expect(
      again.reservation == first.reservation, "the same reservation", got: "another or changed")
    try await run.expectCount(product, held: 0)
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let id = try await run.hold(product, 2).reservationID
    try await run.caller.refused(CapacityService.cancel, request(id), .notConsumed)
    try await run.expectCount(product, held: 2)
  }

  private static func partlyHeld(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 5).reservationID
    try await run.consume(id) {
      $0.requestID = "a"
      $0.amounts = [ContractRun.amount(0, 2)]
    }
    let response = try await run.caller.ok(CapacityService.cancel, request(id))
    try expectEqual("state", response.reservation?.state, .held)
    try ReserveChecks.lines(
      response.reservation ?? Reservation(), [5], held: [3], released: [2])
    try await run.expectCount(product, held: 3)
  }

  private static func released(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await run.hold(run.sellStock(2), 2).reservationID
    try await run.release(id)
    try await run.caller.refused(CapacityService.cancel, request(id), .notConsumed)
  }

  private static func expired(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await ConsumeChecks.dead(run.sellStock(1), run)
    try await run.caller.refused(CapacityService.cancel, request(id), .notConsumed)
  }

  private static func part(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let first = try await run.caller.ok(
      CapacityService.cancel, request(id, "a", [(0, 1), (1, 2)]))
    try expectEqual("state", first.reservation?.state, .consumed)
    try ReserveChecks.lines(
      first.reservation ?? Reservation(), [4, 2], consumed: [3, 0], released: [1, 2])
    try await run.expectCount(product, held: 0, consumed: 3)
    let rest = try await run.caller.ok(CapacityService.cancel, request(id))
    try expectEqual("state at the end", rest.reservation?.state, .cancelled)
    try await run.expectCount(product, held: 0)
  }

  private static func partAgain(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let part = request(id, "a", [(0, 1)])
    _ = try await run.caller.ok(CapacityService.cancel, part)
    let again = try await run.caller.ok(CapacityService.cancel, part)
    try expectEqual("replayed", again.replayed, true)
    try await run.expectCount(product, held: 0, consumed: 5)
  }

  private static func reused(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    _ = try await run.caller.ok(CapacityService.cancel, request(id, "a", [(0, 1)]))
    try await run.caller.refused(
      CapacityService.cancel, request(id, "a", [(0, 2)]), .idempotencyKeyReused)
    try await run.expectCount(product, held: 0, consumed: 5)
  }

  private static func tooMuch(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    try await run.caller.refused(
      CapacityService.cancel, request(id, "a", [(0, 1), (1, 3)]), .notConsumed)
    try await run.expectCount(product, held: 0, consumed: 6)
  }

  private static func noLine(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let refusal = try await run.caller.refused(
      CapacityService.cancel, request(id, "a", [(2, 1)]), .fieldViolation)
    try expectEqual("BadRequest", refusal.fields, ["amounts[0].line"])
    try await run.expectCount(product, held: 0, consumed: 6)
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      CapacityService.cancel, request(run.fresh("none")), .reservationNotFound)
  }
}
