internal import CupoSchema
internal import Protobuf
internal import RPC

/// Extend, in each state of a reservation and at each end of the policy.
enum ExtendChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.extend.path
    return [
      ContractCheck(path, "HELD: moves expires_at to now plus ttl", held),
      ContractCheck(path, "never earlier than it was", neverEarlier),
      ContractCheck(path, "a repeat is answered as a replay", repeated),
      ContractCheck(path, "the same request_id, another ttl", reused),
      ContractCheck(path, "EXTENSION_LIMIT: max_extensions, 0 is never", tooOften),
      ContractCheck(path, "EXTENSION_LIMIT: max_hold_age; the timer stays", tooFar),
      ContractCheck(path, "clamped to max_ttl", clamped),
      ContractCheck(path, "CONSUMED: ALREADY_CONSUMED", consumed),
      ContractCheck(path, "RELEASED: ALREADY_RELEASED", released),
      ContractCheck(path, "EXPIRED: RESERVATION_EXPIRED", expired),
      ContractCheck(
        path, "CANCELLED: ALREADY_CANCELLED", needs: [CapacityService.cancel.path], cancelled),
      ContractCheck(path, "RESERVATION_NOT_FOUND", notFound),
    ]
  }

  private static func request(
    _ id: String, seconds: Int64, _ requestID: String = "a"
  ) -> ExtendRequest {
    var request = ExtendRequest()
    request.reservationID = id
    request.ttl = ProtobufDuration(seconds: seconds)
    request.requestID = requestID
    return request
  }

  /// A hold of a minute on a product that allows so many extensions.
  private static func start(
    _ run: ContractRun, extensions: UInt32 = 2, _ change: (inout HoldPolicy) -> Void = { _ in }
  ) async throws(CheckFailure) -> Reservation {
    var policy = HoldPolicy()
    policy.maxExtensions = extensions
    change(&policy)
    let product = try await run.sellStock(5) { $0.holds = policy }
    return try await run.hold(product, 1, ttl: ProtobufDuration(seconds: 60))
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let before = try await start(run)
    let response = try await run.caller.ok(
      CapacityService.extend, request(before.reservationID, seconds: 600))
    let after = response.reservation ?? Reservation()
    try expectEqual("replayed", response.replayed, false)
    try expectEqual("state", after.state, .held)
    try expectEqual("extensions", after.extensions, 1)
    let moved = (after.expiresAt?.seconds ?? 0) - (before.expiresAt?.seconds ?? 0)
    try expect((540...600).contains(moved), "expires_at 9 to 10 minutes later", got: "\(moved) s")
    try expectEqual("version", after.version, before.version + 1)
  }

  private static func neverEarlier(_ run: ContractRun) async throws(CheckFailure) {
    let before = try await start(run)
    let response = try await run.caller.ok(
      CapacityService.extend, request(before.reservationID, seconds: 1))
    try expect(
      response.reservation?.expiresAt == before.expiresAt, "expires_at as it was", got: "another")
  }

  private static func repeated(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await start(run, extensions: 1).reservationID
    let first = try await run.caller.ok(CapacityService.extend, request(id, seconds: 600))
    let again = try await run.caller.ok(CapacityService.extend, request(id, seconds: 600))
    try expectEqual("replayed", again.replayed, true)
    try expect(
      again.reservation == first.reservation, "the same reservation", got: "another or changed")
    try await run.release(id)
    let late = try await run.caller.ok(CapacityService.extend, request(id, seconds: 600))
    try expectEqual("replayed after the release", late.replayed, true)
  }

  private static func reused(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await start(run).reservationID
    _ = try await run.caller.ok(CapacityService.extend, request(id, seconds: 600))
    try await run.caller.refused(
      CapacityService.extend, request(id, seconds: 601), .idempotencyKeyReused)
  }

  private static func tooOften(_ run: ContractRun) async throws(CheckFailure) {
    let never = try await start(run, extensions: 0)
    try await run.caller.refused(
      CapacityService.extend, request(never.reservationID, seconds: 600), .extensionLimit)
    let once = try await start(run, extensions: 1).reservationID
    let first = try await run.caller.ok(CapacityService.extend, request(once, seconds: 600))
    try await run.caller.refused(
      CapacityService.extend, request(once, seconds: 900, "b"), .extensionLimit)
    let after = try await run.read(once)
    try expect(after == first.reservation, "the reservation as it was", got: "a changed one")
  }

  private static func tooFar(_ run: ContractRun) async throws(CheckFailure) {
    let before = try await start(run) { $0.maxHoldAge = ProtobufDuration(seconds: 300) }
    try await run.caller.refused(
      CapacityService.extend, request(before.reservationID, seconds: 400), .extensionLimit)
    let after = try await run.read(before.reservationID)
    try expect(after == before, "the reservation as it was", got: "a changed one")
  }

  private static func clamped(_ run: ContractRun) async throws(CheckFailure) {
    let before = try await start(run) { $0.maxTTL = ProtobufDuration(seconds: 120) }
    let response = try await run.caller.ok(
      CapacityService.extend, request(before.reservationID, seconds: 7_200))
    let after = response.reservation?.expiresAt?.seconds ?? 0
    let moved = after - (before.expiresAt?.seconds ?? 0)
    try expect((60...120).contains(moved), "expires_at 1 to 2 minutes later", got: "\(moved) s")
  }

  private static func consumed(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await start(run).reservationID
    try await run.consume(id)
    try await run.caller.refused(
      CapacityService.extend, request(id, seconds: 600), .alreadyConsumed)
  }

  private static func released(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await start(run).reservationID
    try await run.release(id)
    try await run.caller.refused(
      CapacityService.extend, request(id, seconds: 600), .alreadyReleased)
  }

  private static func expired(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1) { product in
      var policy = HoldPolicy()
      policy.maxExtensions = 1
      product.holds = policy
    }
    let id = try await ConsumeChecks.dead(product, run)
    try await run.caller.refused(
      CapacityService.extend, request(id, seconds: 600), .reservationExpired)
  }

  private static func cancelled(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await ConsumeChecks.cancelledReservation(run)
    try await run.caller.refused(
      CapacityService.extend, request(id, seconds: 600), .alreadyCancelled)
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      CapacityService.extend, request(run.fresh("none"), seconds: 600), .reservationNotFound)
  }
}
