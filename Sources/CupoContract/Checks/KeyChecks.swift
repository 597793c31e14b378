internal import CupoSchema
internal import Protobuf
internal import RPC

/// KEYED: the same key and payload is answered with the same reservation, another is refused.
enum KeyChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.reserve.path
    return [
      ContractCheck(path, "key: a replay is the same reservation and holds nothing more", replay),
      ContractCheck(path, "key: a replay shows the reservation as it stands now", replayLater),
      ContractCheck(path, "key: a replay needs no capacity", replayWhenSoldOut),
      ContractCheck(path, "key: each buyer has keys of its own", otherBuyer),
      ContractCheck(path, "key: calls at the same time hold once", race),
      ContractCheck(path, "key: a refusal leaves no trace", refusal),
    ]
      + differences.map { difference in
        ContractCheck(path, "key: another payload, \(difference.field)") {
          (run) async throws(CheckFailure) in
          try await mismatch(difference, run)
        }
      }
  }

  private static func replay(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let request = run.request(product, 2)
    let first = try await run.reserve(request)
    let again = try await run.reserve(request)
    try expectEqual("replayed at first", first.replayed, false)
    try expectEqual("replayed at the repeat", again.replayed, true)
    try expect(
      again.reservation == first.reservation, "the same reservation",
      got: again.reservation?.reservationID ?? "none")
    try await run.expectCount(product, held: 2)
  }

  private static func replayLater(_ run: ContractRun) async throws(CheckFailure) {
    let request = run.request(try await run.sellStock(5), 2)
    let id = try await run.reserve(request).reservation?.reservationID ?? ""
    try await run.consume(id)
    let again = try await run.reserve(request)
    try expectEqual("replayed", again.replayed, true)
    try expectEqual("reservation_id", again.reservation?.reservationID, id)
    try expectEqual("state", again.reservation?.state, .consumed)
  }

  private static func replayWhenSoldOut(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let request = run.request(product, 1)
    let id = try await run.reserve(request).reservation?.reservationID
    try await run.put(run.stock(product, units: 0))
    try expectEqual(
      "reservation_id", try await run.reserve(request).reservation?.reservationID, id)
  }

  private static func otherBuyer(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    var request = run.request(product, 1)
    let first = try await run.reserve(request)
    request.buyerID = run.fresh("buyer")
    let second = try await run.reserve(request)
    try expectEqual("replayed", second.replayed, false)
    try expect(
      first.reservation?.reservationID != second.reservation?.reservationID,
      "another reservation", got: "the same")
    try await run.expectCount(product, held: 2)
  }

  private static func race(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(100)
    let request = run.request(product, 1)
    let answers = await withTaskGroup(of: Answer.self) { group in
      for _ in 0..<16 {
        group.addTask {
          await run.caller.raw(
            CapacityService.reserve.path, body: Caller.frame(request.encoded()))
        }
      }
      return await group.reduce(into: [Answer]()) { $0.append($1) }
    }
    for answer in answers {
      guard case .message = answer else {
        throw CheckFailure(expected: "every call succeeds", got: answer.summary)
      }
    }
    try await run.expectCount(product, held: 1)
  }

  private static func refusal(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    var request = run.request(product, 6)
    try await run.caller.refused(CapacityService.reserve, request, .insufficientCapacity)
    request.lines[0].quantity = 2
    try expectEqual("replayed", try await run.reserve(request).replayed, false)
    try await run.expectCount(product, held: 2)
  }

  // MARK: Another payload

  /// A change of the payload, and the field that must be named for it.
  struct Difference: Sendable {
    let field: String
    let change: @Sendable (inout ReserveRequest) -> Void

    init(_ field: String, _ change: @escaping @Sendable (inout ReserveRequest) -> Void) {
      self.field = field
      self.change = change
    }
  }

  static let differences = [
    Difference("lines[1].product_id") { $0.lines[1].productID = $0.lines[0].productID },
    Difference("lines[0].slot") { $0.lines[0].slot = $0.lines[1].slot },
    Difference("lines[1].quantity") { $0.lines[1].quantity += 1 },
    Difference("lines") { $0.lines.append($0.lines[0]) },
    Difference("lines") { $0.lines.removeLast() },
    Difference("ttl") { $0.ttl = ProtobufDuration(seconds: 61) },
    Difference("ttl") { $0.ttl = nil },
    Difference("reference") { $0.reference = "order-2" },
    Difference("reference") { $0.reference = "" },
  ]

  private static func mismatch(
    _ difference: Difference, _ run: ContractRun
  ) async throws(CheckFailure) {
    let first = try await run.sell(run.days(run.fresh("days"), units: 20))
    let second = try await run.sell(run.days(run.fresh("days"), units: 20))
    var request = run.request(
      first, 1, slot: try await run.date(daysAhead: 30, of: first))
    request.lines.append(
      ContractRun.line(second, 2, slot: try await run.date(daysAhead: 31, of: first)))
    request.ttl = ProtobufDuration(seconds: 60)
    request.reference = "order-1"
    let reservation = try await run.reserve(request).reservation ?? Reservation()
    difference.change(&request)
    let refusal = try await run.caller.refused(
      CapacityService.reserve, request, .idempotencyKeyReused)
    try expectEqual("metadata field", refusal.metadata("field") ?? "none", difference.field)
    let now = try await run.read(reservation.reservationID)
    try expect(now == reservation, "the reservation stays as it was", got: "\(now)")
  }
}
