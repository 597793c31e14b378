internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// Reserve that succeeds: what is held, for how long, and that it is all or nothing.
enum ReserveChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.reserve.path
    return [
      ContractCheck(path, "holds the units of a stock", stock),
      ContractCheck(path, "holds a day's quota, that day's only", day),
      ContractCheck(path, "holds a slot, that slot only", slot),
      ContractCheck(path, "holds from every resource of a hybrid product", hybrid),
      ContractCheck(path, "takes the weight of a draw", weights),
      ContractCheck(path, "products that share a resource share its units", shared),
      ContractCheck(path, "sums lines that name the same product", duplicates),
      ContractCheck(path, "all lines or none", allOrNone),
      ContractCheck(path, "ttl: 15 minutes unless said otherwise", defaultTTL),
      ContractCheck(path, "ttl: as asked for", askedTTL),
      ContractCheck(path, "ttl: clamped to the product's maximum", clampedTTL),
      ContractCheck(path, "ttl: a second at least", shortestTTL),
      ContractCheck(path, "an expired hold is sellable at once", expiry),
    ]
  }

  private static func stock(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    var request = run.request(product, 2)
    request.reference = "order-1"
    let response = try await run.reserve(request)
    let reservation = response.reservation ?? Reservation()
    try expectEqual("replayed", response.replayed, false)
    try expectEqual("state", reservation.state, .held)
    try expectEqual("buyer_id", reservation.buyerID, request.buyerID)
    try expectEqual("reference", reservation.reference, "order-1")
    try expectEqual("version", reservation.version, 1)
    try expect(reservation.closedAt == nil, "closed_at is absent while HELD", got: "it is set")
    try expect(
      !reservation.reservationID.isEmpty && reservation.reservationID.utf8.count <= 64,
      "an id of 1 to 64 bytes", got: "\"\(reservation.reservationID)\"")
    try lines(reservation, [2], held: [2])
    try expectEqual("lines[0].seller_id", reservation.lines[0].sellerID, run.sellerID)
    try await run.expectCount(product, held: 2)
    try expectEqual("remaining", try await run.stockSlot(product).remaining, 3)
  }

  static func lines(
    _ reservation: Reservation, _ quantities: [UInt32], held: [UInt32]? = nil,
    consumed: [UInt32]? = nil, released: [UInt32]? = nil
  ) throws(CheckFailure) {
    let zeros = quantities.map { _ in UInt32(0) }
    try expectEqual("the lines' quantity", reservation.lines.map(\.quantity), quantities)
    try expectEqual("the lines' held", reservation.lines.map(\.held), held ?? zeros)
    try expectEqual("the lines' consumed", reservation.lines.map(\.consumed), consumed ?? zeros)
    try expectEqual("the lines' released", reservation.lines.map(\.released), released ?? zeros)
  }

  private static func day(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.days(run.fresh("days"), units: 3))
    let first = try await run.date(daysAhead: 30, of: product)
    let second = try await run.date(daysAhead: 31, of: product)
    _ = try await run.hold(product, 3, slot: first)
    try await run.caller.refused(
      CapacityService.reserve, run.request(product, 1, slot: first), .heldByOthers)
    _ = try await run.hold(product, 3, slot: second)
  }

  private static func slot(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 1))
    let date = try await run.date(daysAhead: 30, of: product)
    _ = try await run.hold(product, 1, slot: "\(date)T09:00:00+00:00")
    try await run.caller.refused(
      CapacityService.reserve, run.request(product, 1, slot: "\(date)T09:00:00+00:00"),
      .heldByOthers)
    _ = try await run.hold(product, 1, slot: "\(date)T10:00:00+00:00")
  }

  private static func hybrid(_ run: ContractRun) async throws(CheckFailure) {
    let kit = try await run.sellStock(2)
    try await run.put(run.slots(run.fresh("seats"), units: 5))
    let seats = run.slots(run.fresh("seats"), units: 5)
    try await run.put(seats)
    let workshop = run.product(run.fresh("workshop"), of: [seats.resourceID, kit])
    try await run.put(workshop)
    let slot = "\(try await run.date(daysAhead: 30, of: kit))T09:00:00+00:00"
    _ = try await run.hold(workshop.productID, 2, slot: slot)
    try await run.expectCount(kit, held: 2)
    try await run.caller.refused(
      CapacityService.reserve, run.request(workshop.productID, 1, slot: slot), .heldByOthers)
  }

  private static func weights(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(9) { $0.draws[0].units = 4 }
    try expectEqual("remaining", try await run.stockSlot(product).remaining, 2)
    let refusal = try await run.caller.refused(
      CapacityService.reserve, run.request(product, 3), .insufficientCapacity)
    try expectEqual("metadata available", refusal.metadata("available"), "2")
    _ = try await run.hold(product, 2)
    try await run.expectCount(product, held: 8)
  }

  private static func shared(_ run: ContractRun) async throws(CheckFailure) {
    let adult = try await run.sellStock(3)
    let child = run.product(run.fresh("child"), of: [adult])
    try await run.put(child)
    _ = try await run.hold(adult, 2)
    try await run.caller.refused(
      CapacityService.reserve, run.request(child.productID, 2), .heldByOthers)
    _ = try await run.hold(child.productID, 1)
    try await run.expectCount(adult, held: 3)
  }

  private static func duplicates(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    var request = run.request(product, 3)
    request.lines.append(ContractRun.line(product, 3))
    try await run.caller.refused(CapacityService.reserve, request, .insufficientCapacity)
    try await run.expectCount(product, held: 0)
    request.lines[1].quantity = 2
    try lines(
      try await run.reserve(request).reservation ?? Reservation(), [3, 2], held: [3, 2])
    try await run.expectCount(product, held: 5)
  }

  private static func allOrNone(_ run: ContractRun) async throws(CheckFailure) {
    let (plenty, few) = (try await run.sellStock(5), try await run.sellStock(1))
    var request = run.request(plenty, 1)
    request.lines.append(ContractRun.line(few, 2))
    let refusal = try await run.caller.refused(
      CapacityService.reserve, request, .insufficientCapacity)
    let failing = refusal.preconditions.flatMap(\.violations)
    try expect(
      failing.map(\.subject) == ["lines[1]"],
      "PreconditionFailure with one violation, of lines[1]", got: "\(failing.map(\.subject))")
    try await run.expectCount(plenty, held: 0)
    try await run.expectCount(few, held: 0)
  }

  // MARK: Time

  private static func defaultTTL(_ run: ContractRun) async throws(CheckFailure) {
    try span(try await run.hold(run.sellStock(1), 1), 900)
  }

  private static func askedTTL(_ run: ContractRun) async throws(CheckFailure) {
    try span(
      try await run.hold(run.sellStock(1), 1, ttl: ProtobufDuration(seconds: 61)), 61)
  }

  private static func clampedTTL(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2) { product in
      var policy = HoldPolicy()
      policy.maxTTL = ProtobufDuration(seconds: 120)
      product.holds = policy
    }
    try span(try await run.hold(product, 1, ttl: ProtobufDuration(seconds: 121)), 120)
    try span(try await run.hold(product, 1), 120)
    let free = try await run.sellStock(1)
    try span(try await run.hold(free, 1, ttl: ProtobufDuration(seconds: 200_000)), 86_400)
  }

  private static func shortestTTL(_ run: ContractRun) async throws(CheckFailure) {
    try span(
      try await run.hold(run.sellStock(1), 1, ttl: ProtobufDuration(seconds: 0, nanos: 1)), 1)
  }

  private static func span(_ reservation: Reservation, _ seconds: Int64) throws(CheckFailure) {
    guard let from = reservation.createdAt, let to = reservation.expiresAt else {
      throw CheckFailure(expected: "created_at and expires_at", got: "not both")
    }
    let nanos = (to.seconds - from.seconds) * 1_000_000_000 + Int64(to.nanos - from.nanos)
    try expect(
      nanos == seconds * 1_000_000_000, "expires_at is \(seconds) s after created_at",
      got: "\(nanos) ns")
  }

  private static func expiry(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let first = try await run.hold(product, 1, ttl: ProtobufDuration(seconds: 2))
    try await run.caller.refused(
      CapacityService.reserve, run.request(product, 1), .heldByOthers)
    try await run.wait(.milliseconds(2_050))
    _ = try await run.hold(product, 1)
    let dead = try await run.read(first.reservationID)
    try expectEqual("state", dead.state, .expired)
    try lines(dead, [1], released: [1])
  }
}
