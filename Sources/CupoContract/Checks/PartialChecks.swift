internal import CupoSchema
internal import Protobuf
internal import RPC

/// Consume and Release with amounts: each under a request id of its own.
enum PartialChecks {
  static func list() -> [ContractCheck] {
    let (consume, release) = (CapacityService.consume.path, CapacityService.release.path)
    return [
      ContractCheck(consume, "amounts: sells a part, the rest stays held", consumePart),
      ContractCheck(consume, "amounts: a replay sells nothing more", consumeAgain),
      ContractCheck(consume, "amounts: the same request_id, other amounts", consumeReused),
      ContractCheck(consume, "amounts: EXCEEDS_HELD_QUANTITY", consumeTooMuch),
      ContractCheck(consume, "amounts: a line that does not exist", consumeNoLine),
      ContractCheck(consume, "amounts: a line twice", consumeTwice),
      ContractCheck(consume, "a request_id without amounts has no effect", consumeWhole),
      ContractCheck(release, "amounts: gives back a part, the rest stays held", releasePart),
      ContractCheck(release, "amounts: a replay gives nothing more back", releaseAgain),
      ContractCheck(release, "amounts: the same request_id, other amounts", releaseReused),
      ContractCheck(release, "amounts: EXCEEDS_HELD_QUANTITY", releaseTooMuch),
      ContractCheck(release, "amounts: a line that does not exist", releaseNoLine),
      ContractCheck(release, "amounts: what was partly sold stays sold", mixed),
    ]
  }

  /// A product of 10 with 4 units held in one line and 2 in another.
  private static func start(
    _ run: ContractRun
  ) async throws(CheckFailure) -> (product: String, id: String) {
    let product = try await run.sellStock(10)
    var request = run.request(product, 4)
    request.lines.append(ContractRun.line(product, 2))
    return (product, try await run.reserve(request).reservation?.reservationID ?? "")
  }

  private static func consumption(
    _ id: String, _ requestID: String, _ amounts: [(UInt32, UInt32)]
  ) -> ConsumeRequest {
    ContractRun.consumeRequest(id) {
      $0.requestID = requestID
      $0.amounts = amounts.map { ContractRun.amount($0.0, $0.1) }
    }
  }

  private static func returning(
    _ id: String, _ requestID: String, _ amounts: [(UInt32, UInt32)]
  ) -> ReleaseRequest {
    ContractRun.releaseRequest(id) {
      $0.requestID = requestID
      $0.amounts = amounts.map { ContractRun.amount($0.0, $0.1) }
    }
  }

  // MARK: Consume

  private static func consumePart(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let first = try await run.caller.ok(
      CapacityService.consume, consumption(id, "a", [(0, 1), (1, 2)]))
    try expectEqual("state", first.reservation?.state, .held)
    try expectEqual("replayed", first.replayed, false)
    try ReserveChecks.lines(
      first.reservation ?? Reservation(), [4, 2], held: [3, 0], consumed: [1, 2])
    try await run.expectCount(product, held: 3, consumed: 3)
    _ = try await run.caller.ok(CapacityService.consume, consumption(id, "b", [(0, 1)]))
    let rest = try await run.consume(id)
    try expectEqual("state at the end", rest.reservation?.state, .consumed)
    try await run.expectCount(product, held: 0, consumed: 6)
  }

  private static func consumeAgain(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let request = consumption(id, "a", [(0, 1)])
    _ = try await run.caller.ok(CapacityService.consume, request)
    let again = try await run.caller.ok(CapacityService.consume, request)
    try expectEqual("replayed", again.replayed, true)
    try await run.expectCount(product, held: 5, consumed: 1)
    try await run.consume(id)
    let late = try await run.caller.ok(CapacityService.consume, request)
    try expectEqual("replayed after the rest was sold", late.replayed, true)
    try await run.expectCount(product, held: 0, consumed: 6)
  }

  private static func consumeReused(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    _ = try await run.caller.ok(CapacityService.consume, consumption(id, "a", [(0, 1)]))
    for amounts in [[(UInt32(0), UInt32(2))], [(1, 1)], [(0, 1), (1, 1)]] {
      try await run.caller.refused(
        CapacityService.consume, consumption(id, "a", amounts), .idempotencyKeyReused)
    }
    try await run.expectCount(product, held: 5, consumed: 1)
  }

  private static func consumeTooMuch(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    try await run.caller.refused(
      CapacityService.consume, consumption(id, "a", [(0, 1), (1, 3)]), .exceedsHeldQuantity)
    try await run.expectCount(product, held: 6)
    // A refusal leaves no trace, so the id may succeed later.
    _ = try await run.caller.ok(CapacityService.consume, consumption(id, "a", [(0, 4)]))
    try await run.expectCount(product, held: 2, consumed: 4)
  }

  private static func consumeNoLine(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let refusal = try await run.caller.refused(
      CapacityService.consume, consumption(id, "a", [(0, 1), (2, 1)]), .fieldViolation)
    try expectEqual("BadRequest", refusal.fields, ["amounts[1].line"])
    try await run.expectCount(product, held: 6)
  }

  private static func consumeTwice(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let refusal = try await run.caller.refused(
      CapacityService.consume, consumption(id, "a", [(0, 1), (0, 1)]), .fieldViolation)
    try expectEqual("BadRequest", refusal.fields, ["amounts[1].line"])
    try await run.expectCount(product, held: 6)
  }

  private static func consumeWhole(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    _ = try await run.caller.ok(CapacityService.consume, consumption(id, "a", [(0, 1)]))
    let rest = try await run.caller.ok(CapacityService.consume, consumption(id, "a", []))
    try expectEqual("replayed", rest.replayed, false)
    try await run.expectCount(product, held: 0, consumed: 6)
    let again = try await run.caller.ok(CapacityService.consume, consumption(id, "a", []))
    try expectEqual("replayed at the repeat", again.replayed, true)
  }

  // MARK: Release

  private static func releasePart(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let first = try await run.caller.ok(
      CapacityService.release, returning(id, "a", [(0, 1), (1, 2)]))
    try expectEqual("state", first.reservation?.state, .held)
    try ReserveChecks.lines(
      first.reservation ?? Reservation(), [4, 2], held: [3, 0], released: [1, 2])
    try await run.expectCount(product, held: 3)
    let rest = try await run.release(id)
    try expectEqual("state at the end", rest.reservation?.state, .released)
    try await run.expectCount(product, held: 0)
  }

  private static func releaseAgain(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let request = returning(id, "a", [(0, 1)])
    _ = try await run.caller.ok(CapacityService.release, request)
    let again = try await run.caller.ok(CapacityService.release, request)
    try expectEqual("replayed", again.replayed, true)
    try await run.expectCount(product, held: 5)
  }

  private static func releaseReused(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    _ = try await run.caller.ok(CapacityService.release, returning(id, "a", [(0, 1)]))
    try await run.caller.refused(
      CapacityService.release, returning(id, "a", [(0, 2)]), .idempotencyKeyReused)
    try await run.expectCount(product, held: 5)
  }

  private static func releaseTooMuch(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    try await run.caller.refused(
      CapacityService.release, returning(id, "a", [(0, 5)]), .exceedsHeldQuantity)
    try await run.expectCount(product, held: 6)
  }

  private static func releaseNoLine(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    let refusal = try await run.caller.refused(
      CapacityService.release, returning(id, "a", [(31, 1)]), .fieldViolation)
    try expectEqual("BadRequest", refusal.fields, ["amounts[0].line"])
    try await run.expectCount(product, held: 6)
  }

  private static func mixed(_ run: ContractRun) async throws(CheckFailure) {
    let (product, id) = try await start(run)
    _ = try await run.caller.ok(CapacityService.consume, consumption(id, "a", [(0, 1)]))
    let rest = try await run.release(id)
    try expectEqual("state", rest.reservation?.state, .consumed)
    try ReserveChecks.lines(
      rest.reservation ?? Reservation(), [4, 2], consumed: [1, 0], released: [3, 2])
    try await run.expectCount(product, held: 0, consumed: 1)
  }
}
