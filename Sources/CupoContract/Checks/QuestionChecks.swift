internal import CupoSchema
internal import Protobuf
internal import RPC

/// BatchGetAvailability and ExplainAvailability: what Reserve would say, for many at once and in full.
enum QuestionChecks {
  static func list() -> [ContractCheck] {
    let (batch, explain) = (
      AvailabilityService.batchGetAvailability.path, AvailabilityService.explainAvailability.path
    )
    return [
      ContractCheck(batch, "one answer for each check, in order", answers),
      ContractCheck(batch, "checks are not added up", alone),
      ContractCheck(batch, "500 checks", many),
      ContractCheck(batch, "an absent quantity is the least that can be reserved", least),
      ContractCheck(explain, "nothing stands in the way", sellable),
      ContractCheck(explain, "every obstacle, strongest first", obstacles),
      ContractCheck(explain, "a hold lifts when it ends", held),
      ContractCheck(explain, "a slot that is not there is an obstacle", noSlot),
      ContractCheck(explain, "PRODUCT_NOT_FOUND", notFound),
      ContractCheck(explain, "SLOT_MALFORMED", malformed),
    ]
  }

  private static func check(
    _ product: String, _ quantity: UInt32, slot: String = ""
  ) -> AvailabilityCheck {
    var check = AvailabilityCheck()
    check.productID = product
    check.slot = slot
    check.quantity = quantity
    return check
  }

  private static func batch(
    _ checks: [AvailabilityCheck], _ run: ContractRun
  ) async throws(CheckFailure) -> [AvailabilityAnswer] {
    var request = BatchGetAvailabilityRequest()
    request.checks = checks
    let response = try await run.caller.ok(AvailabilityService.batchGetAvailability, request)
    try expect(response.asOf != nil, "as_of is set", got: "it is not")
    try expectEqual("how many answers", response.answers.count, checks.count)
    return response.answers
  }

  private static func explain(
    _ product: String, _ run: ContractRun, quantity: UInt32 = 0, slot: String = ""
  ) async throws(CheckFailure) -> ExplainAvailabilityResponse {
    var request = ExplainAvailabilityRequest()
    request.productID = product
    request.slot = slot
    request.quantity = quantity
    let response = try await run.caller.ok(AvailabilityService.explainAvailability, request)
    try expect(response.asOf != nil, "as_of is set", got: "it is not")
    try expectEqual("sellable", response.sellable, response.obstacles.isEmpty)
    return response
  }

  private static func answers(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    let slots = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let date = try await run.date(daysAhead: 40, of: stock)
    let found = try await batch(
      [
        check(stock, 3), check(stock, 4), check(run.fresh("none"), 1),
        check(slots, 1, slot: "\(date)T09:00:00+00:00"),
        check(slots, 1, slot: "\(date)T09:30:00+00:00"), check(slots, 1, slot: date),
      ], run)
    try expectEqual(
      "the reasons", found.map(\.reason),
      [
        .unspecified, .insufficientCapacity, .productNotFound, .unspecified, .noSlotAtTime,
        .slotMalformed,
      ])
    try expectEqual(
      "sellable", found.map(\.sellable), [true, false, false, true, false, false])
    try expectEqual(
      "where there is a slot", found.map { $0.slot != nil },
      [true, true, false, true, false, false])
    try expectEqual("slot.remaining", found[0].slot?.remaining, 3)
    try expectEqual("slot.slot", found[3].slot?.slot, "\(date)T09:00:00+00:00")
  }

  private static func alone(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    let found = try await batch([check(stock, 3), check(stock, 3), check(stock, 0)], run)
    try expectEqual("sellable", found.map(\.sellable), [true, true, true])
    _ = try await run.hold(stock, 3)
    let held = try await batch([check(stock, 1)], run)
    try expectEqual("reason of what is held", held[0].reason, .heldByOthers)
    try expectEqual("slot.status", held[0].slot?.status, .heldOnly)
  }

  private static func many(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(250)
    let found = try await batch((1...500).map { check(stock, $0) }, run)
    try expectEqual(
      "what is sellable", found.map(\.sellable), (1...500).map { $0 <= 250 })
  }

  private static func least(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3) { product in
      var limits = PurchaseLimits()
      limits.minQuantity = 2
      product.limits = limits
    }
    let found = try await batch([check(stock, 0), check(stock, 1), check(stock, 2)], run)
    try expectEqual(
      "the reasons", found.map(\.reason), [.unspecified, .belowMinQuantity, .unspecified])
    try expectEqual(
      "status without a quantity", try await run.stockSlot(stock).status, .available)
    try expectEqual("sellable", try await explain(stock, run).sellable, true)
  }

  private static func sellable(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    try expectEqual("sellable", try await explain(stock, run, quantity: 3).sellable, true)
  }

  private static func obstacles(_ run: ContractRun) async throws(CheckFailure) {
    let other = try await run.sellStock(1)
    let date = try await run.date(daysAhead: 40, of: other)
    var (resource, window) = (run.days(run.fresh("days"), units: 3), SaleWindow())
    window.horizonDays = 5
    resource.saleWindow = window
    resource.paused = true
    let product = try await run.sell(resource) { product in
      var limits = PurchaseLimits()
      limits.maxQuantity = 2
      product.limits = limits
    }
    let response = try await explain(product, run, quantity: 9, slot: date)
    try expectEqual(
      "the reasons", response.obstacles.map(\.reason),
      [.paused, .beyondHorizon, .aboveMaxQuantity, .insufficientCapacity])
    try expectEqual(
      "where there is an end", response.obstacles.map { $0.until != nil },
      [false, true, false, false])
    for obstacle in response.obstacles {
      try expect(!obstacle.subject.isEmpty, "a subject", got: "none")
      try expect(!obstacle.description.isEmpty, "a description", got: "none")
    }
    // The first is what Reserve says.
    try await run.caller.refused(
      CapacityService.reserve, run.request(product, 9, slot: date), .paused)
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    let hold = try await run.hold(stock, 3)
    let obstacle = try await explain(stock, run).obstacles.first
    try expectEqual("reason", obstacle?.reason, .heldByOthers)
    try expectEqual("until", obstacle?.until, hold.expiresAt)
  }

  private static func noSlot(_ run: ContractRun) async throws(CheckFailure) {
    let slots = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let date = try await run.date(daysAhead: 40, of: slots)
    let response = try await explain(slots, run, slot: "\(date)T09:30:00+00:00")
    try expectEqual("the reasons", response.obstacles.map(\.reason), [.noSlotAtTime])
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    var request = ExplainAvailabilityRequest()
    request.productID = run.fresh("none")
    try await run.caller.refused(
      AvailabilityService.explainAvailability, request, .productNotFound)
  }

  private static func malformed(_ run: ContractRun) async throws(CheckFailure) {
    var request = ExplainAvailabilityRequest()
    request.productID = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    request.slot = "2030-01-01"
    try await run.caller.refused(
      AvailabilityService.explainAvailability, request, .slotMalformed)
  }
}
