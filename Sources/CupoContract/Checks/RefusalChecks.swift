internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// Reserve that is refused: every reason that a caller can bring about, with what its metadata say.
enum RefusalChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.reserve.path
    return [
      ContractCheck(path, "PRODUCT_NOT_FOUND", productNotFound),
      ContractCheck(path, "NO_SLOT_AT_TIME", noSlot),
      ContractCheck(path, "SLOT_MALFORMED for another zone's offset", otherOffset),
      ContractCheck(path, "SLOT_PAST", past),
      ContractCheck(path, "SOLD_OUT", soldOut),
      ContractCheck(path, "INSUFFICIENT_CAPACITY says what is left", insufficient),
      ContractCheck(path, "HELD_BY_OTHERS says when the next hold ends", heldByOthers),
      ContractCheck(path, "BELOW_MIN_QUANTITY and ABOVE_MAX_QUANTITY", quantities),
      ContractCheck(path, "PAUSED", paused),
      ContractCheck(path, "the strongest reason leads, each failing line is named", strongest),
    ]
  }

  private static func refused(
    _ run: ContractRun, _ request: ReserveRequest, _ reason: ErrorReason
  ) async throws(CheckFailure) -> ErrorAnswer {
    let refusal = try await run.caller.refused(CapacityService.reserve, request, reason)
    let failing = refusal.preconditions.flatMap(\.violations)
    try expect(
      failing.contains { $0.type == "\(reason)" && $0.subject == "lines[0]" },
      "PreconditionFailure with \(reason) of lines[0]", got: "\(failing.map(\.type))")
    return refusal
  }

  private static func productNotFound(_ run: ContractRun) async throws(CheckFailure) {
    _ = try await refused(run, run.request(run.fresh("none"), 1), .productNotFound)
  }

  private static func noSlot(_ run: ContractRun) async throws(CheckFailure) {
    let slots = try await run.sell(run.slots(run.fresh("slots"), units: 1))
    let date = try await run.date(daysAhead: 30, of: slots)
    let days = try await run.sell(run.days(run.fresh("days"), units: 1))
    let stock = try await run.sellStock(1)
    for (product, slot) in [
      (slots, "\(date)T09:30:00+00:00"), (slots, date), (slots, ""),
      (days, "\(date)T09:00:00+00:00"), (stock, date),
    ] {
      let request = run.request(product, 1, slot: slot)
      try await run.caller.refused(
        CapacityService.reserve.path, request.encoded(), [.noSlotAtTime, .slotMalformed])
    }
  }

  private static func otherOffset(_ run: ContractRun) async throws(CheckFailure) {
    let slots = try await run.sell(run.slots(run.fresh("slots"), units: 1))
    let date = try await run.date(daysAhead: 30, of: slots)
    let refusal = try await run.caller.refused(
      CapacityService.reserve, run.request(slots, 1, slot: "\(date)T04:00:00-05:00"), .slotMalformed
    )
    try expectEqual("BadRequest", refusal.fields, ["lines[0].slot"])
  }

  private static func past(_ run: ContractRun) async throws(CheckFailure) {
    let days = try await run.sell(run.days(run.fresh("days"), units: 1))
    _ = try await refused(run, run.request(days, 1, slot: "2020-01-15"), .slotPast)
  }

  private static func soldOut(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    try await run.consume(try await run.hold(product, 1).reservationID)
    _ = try await refused(run, run.request(product, 1), .soldOut)
    try expectEqual("status", try await run.stockSlot(product).status, .soldOut)
  }

  private static func insufficient(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    try await run.consume(try await run.hold(product, 2).reservationID)
    let refusal = try await refused(run, run.request(product, 4), .insufficientCapacity)
    try expectEqual("metadata requested", refusal.metadata("requested"), "4")
    try expectEqual("metadata available", refusal.metadata("available"), "3")
  }

  private static func heldByOthers(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(2)
    let first = try await run.hold(product, 2)
    let refusal = try await refused(run, run.request(product, 1), .heldByOthers)
    let expiry = refusal.metadata("next_expiry") ?? ""
    // RFC 3339 in UTC, of which the date is enough to see that it is the instant.
    let date = CalendarText.date(daysSince1970: (first.expiresAt?.seconds ?? 0) / 86_400)
    try expect(expiry.hasPrefix(date), "metadata next_expiry on \(date)", got: "\"\(expiry)\"")
    try expectEqual("status", try await run.stockSlot(product).status, .heldOnly)
  }

  private static func quantities(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(100) { product in
      var limits = PurchaseLimits()
      limits.minQuantity = 2
      limits.maxQuantity = 4
      product.limits = limits
    }
    _ = try await refused(run, run.request(product, 1), .belowMinQuantity)
    _ = try await refused(run, run.request(product, 5), .aboveMaxQuantity)
    _ = try await run.hold(product, 2)
    _ = try await run.hold(product, 4)
  }

  private static func paused(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1) { $0.paused = true }
    _ = try await refused(run, run.request(product, 1), .paused)
    var resource = run.stock(run.fresh("stock"), units: 1)
    resource.paused = true
    _ = try await refused(run, run.request(try await run.sell(resource), 1), .paused)
  }

  private static func strongest(_ run: ContractRun) async throws(CheckFailure) {
    let empty = try await run.sellStock(0)
    var request = run.request(empty, 1)
    request.lines.append(ContractRun.line(run.fresh("none"), 1))
    let refusal = try await run.caller.refused(
      CapacityService.reserve, request, .productNotFound)
    let named = refusal.preconditions.flatMap(\.violations).map { "\($0.subject) \($0.type)" }
    try expectEqual(
      "PreconditionFailure", named, ["lines[0] SOLD_OUT", "lines[1] PRODUCT_NOT_FOUND"])
  }
}
