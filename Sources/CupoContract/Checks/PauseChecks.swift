internal import CupoSchema
internal import Protobuf
internal import RPC

/// SetPause: stops sales at once and touches nothing else.
enum PauseChecks {
  static func list() -> [ContractCheck] {
    let path = InventoryService.setPause.path
    return [
      ContractCheck(path, "a resource stops everything that draws on it", resource),
      ContractCheck(path, "a product stops alone", product),
      ContractCheck(path, "each stands alone", both),
      ContractCheck(path, "the same again changes nothing", again),
      ContractCheck(path, "a Put never touches it", put),
      ContractCheck(path, "RESOURCE_NOT_FOUND", noResource),
      ContractCheck(path, "PRODUCT_NOT_FOUND", noProduct),
    ]
  }

  private static func request(
    _ target: SetPauseRequest.Target, _ paused: Bool
  ) -> SetPauseRequest {
    var request = SetPauseRequest()
    request.target = target
    request.paused = paused
    return request
  }

  @discardableResult
  private static func set(
    _ target: SetPauseRequest.Target, _ paused: Bool, _ run: ContractRun
  ) async throws(CheckFailure) -> UInt64 {
    try await run.caller.ok(InventoryService.setPause, request(target, paused)).version
  }

  private static func expectPaused(
    _ product: String, _ run: ContractRun
  ) async throws(CheckFailure) {
    try await run.caller.refused(CapacityService.reserve, run.request(product, 1), .paused)
    let slot = try await run.stockSlot(product)
    try expectEqual("status", slot.status, .closed)
    try expectEqual("closed_reason", slot.closedReason, .paused)
  }

  private static func resource(_ run: ContractRun) async throws(CheckFailure) {
    let first = try await run.sellStock(3)
    let second = run.product(run.fresh("second"), of: [first])
    try await run.put(second)
    let hold = try await run.hold(first, 1)
    try expectEqual("version", try await set(.resourceID(first), true, run), 2)
    try await expectPaused(first, run)
    try await expectPaused(second.productID, run)
    try expectEqual(
      "state of what was held", try await run.consume(hold.reservationID).reservation?.state,
      .consumed)
    try await set(.resourceID(first), false, run)
    _ = try await run.hold(second.productID, 1)
  }

  private static func product(_ run: ContractRun) async throws(CheckFailure) {
    let first = try await run.sellStock(3)
    let second = run.product(run.fresh("second"), of: [first])
    try await run.put(second)
    try expectEqual("version", try await set(.productID(first), true, run), 2)
    try await expectPaused(first, run)
    _ = try await run.hold(second.productID, 1)
  }

  private static func both(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    try await set(.resourceID(stock), true, run)
    try await set(.productID(stock), true, run)
    try await set(.resourceID(stock), false, run)
    try await expectPaused(stock, run)
    try await set(.productID(stock), false, run)
    _ = try await run.hold(stock, 1)
  }

  private static func again(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    let version = try await set(.resourceID(stock), true, run)
    try expectEqual("version", try await set(.resourceID(stock), true, run), version)
    let product = try await set(.productID(stock), false, run)
    try expectEqual("version of what was not paused", product, 1)
  }

  private static func put(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    try await set(.resourceID(stock), true, run)
    var resource = run.stock(stock, units: 3)
    resource.name = "again"
    try expectEqual("paused", try await run.put(resource).paused, true)
    try await expectPaused(stock, run)
  }

  private static func noResource(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      InventoryService.setPause, request(.resourceID(run.fresh("none")), true), .resourceNotFound)
  }

  private static func noProduct(_ run: ContractRun) async throws(CheckFailure) {
    try await run.caller.refused(
      InventoryService.setPause, request(.productID(run.fresh("none")), true), .productNotFound)
  }
}
