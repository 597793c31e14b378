internal import CupoSchema
internal import Protobuf
internal import RPC

/// AdjustStock: a delivery, a loss, and what cannot be.
enum StockChecks {
  static func list() -> [ContractCheck] {
    let path = InventoryService.adjustStock.path
    return [
      ContractCheck(path, "adds to the total, sellable at once", added),
      ContractCheck(path, "takes below what is held: reservations stay valid", taken),
      ContractCheck(path, "STOCK_BELOW_ZERO; nothing changes", belowZero),
      ContractCheck(path, "a repeat is answered as a replay", repeated),
      ContractCheck(path, "the same request_id, another delta", reused),
      ContractCheck(path, "no stock, or an unlimited one, is a violation", noStock),
      ContractCheck(path, "a catalogue applied again keeps the adjustment", kept),
      ContractCheck(path, "RESOURCE_NOT_FOUND", notFound),
    ]
  }

  private static func request(
    _ resource: String, _ delta: Int64, _ requestID: String = "a"
  ) -> AdjustStockRequest {
    var request = AdjustStockRequest()
    request.resourceID = resource
    request.delta = delta
    request.requestID = requestID
    request.reason = "counted"
    return request
  }

  private static func expectTotal(
    _ resource: Resource?, _ units: UInt64, _ run: ContractRun
  ) throws(CheckFailure) {
    try expectEqual("the total", resource?.inventory, run.stock("any", units: units).inventory)
  }

  private static func added(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let response = try await run.caller.ok(InventoryService.adjustStock, request(product, 4))
    try expectEqual("replayed", response.replayed, false)
    try expectTotal(response.resource, 5, run)
    try expectEqual("version", response.resource?.version, 2)
    _ = try await run.hold(product, 5)
  }

  private static func taken(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 4).reservationID
    _ = try await run.caller.ok(InventoryService.adjustStock, request(product, -3))
    try await run.caller.refused(
      CapacityService.reserve, run.request(product, 1), .heldByOthers)
    try expectEqual("remaining", try await run.stockSlot(product).remaining, -2)
    try await run.consume(id)
    try await run.expectCount(product, held: 0, consumed: 4)
  }

  private static func belowZero(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    try await run.caller.refused(
      InventoryService.adjustStock, request(product, -6), .stockBelowZero)
    try expectTotal(try await InventoryChecks.resource(product, run), 5, run)
    // A refusal leaves no trace, so the id may succeed later.
    let response = try await run.caller.ok(InventoryService.adjustStock, request(product, -5))
    try expectTotal(response.resource, 0, run)
  }

  private static func repeated(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    _ = try await run.caller.ok(InventoryService.adjustStock, request(product, -2))
    let again = try await run.caller.ok(InventoryService.adjustStock, request(product, -2))
    try expectEqual("replayed", again.replayed, true)
    try expectTotal(again.resource, 3, run)
  }

  private static func reused(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    _ = try await run.caller.ok(InventoryService.adjustStock, request(product, 2))
    try await run.caller.refused(
      InventoryService.adjustStock, request(product, -2), .idempotencyKeyReused)
    // Ids are scoped to the resource.
    let other = try await run.sellStock(5)
    _ = try await run.caller.ok(InventoryService.adjustStock, request(other, -2))
  }

  private static func noStock(_ run: ContractRun) async throws(CheckFailure) {
    var unlimited = run.stock(run.fresh("stock"), units: 1)
    var (stock, limit) = (Stock(), Limit())
    limit.kind = .unlimited(true)
    stock.total = limit
    unlimited.inventory = .stock(stock)
    for resource in [run.days(run.fresh("days"), units: 1), unlimited] {
      try await run.put(resource)
      let refusal = try await run.caller.refused(
        InventoryService.adjustStock, request(resource.resourceID, 1), .fieldViolation)
      try expectEqual("BadRequest", refusal.fields, ["resource_id"])
    }
  }

  private static func kept(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    _ = try await run.caller.ok(InventoryService.adjustStock, request(product, 2))
    var resource = try await InventoryChecks.resource(product, run)
    resource.inventory = .stock(Stock())
    try expectTotal(try await run.put(resource), 7, run)
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      InventoryService.adjustStock, request(run.fresh("none"), 1), .resourceNotFound)
  }
}
