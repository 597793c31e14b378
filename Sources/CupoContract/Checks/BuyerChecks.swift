internal import CupoSchema
internal import Protobuf
internal import RPC

/// What one buyer may hold and take of a product.
enum BuyerChecks {
  static func list() -> [ContractCheck] {
    [
      ContractCheck(
        CapacityService.reserve.path, "max_held_per_buyer: gone when it is given back", held),
      ContractCheck(
        CapacityService.reserve.path, "max_per_buyer_per_day: what is bought counts", daily),
      ContractCheck(
        AvailabilityService.explainAvailability.path, "a named buyer's limit is an obstacle",
        explained),
    ]
  }

  private static func sell(
    _ run: ContractRun, held: UInt32 = 0, daily: UInt32 = 0
  ) async throws(CheckFailure) -> String {
    try await run.sellStock(100) { product in
      var limits = PurchaseLimits()
      limits.maxHeldPerBuyer = held
      limits.maxPerBuyerPerDay = daily
      product.limits = limits
    }
  }

  private static func request(
    _ run: ContractRun, _ product: String, _ quantity: UInt32, _ buyer: String
  ) -> ReserveRequest {
    var request = run.request(product, quantity)
    request.buyerID = buyer
    return request
  }

  private static func held(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await sell(run, held: 3)
    let buyer = run.fresh("buyer")
    let first = try await run.reserve(request(run, product, 2, buyer)).reservation
    try await run.caller.refused(
      CapacityService.reserve, request(run, product, 2, buyer), .buyerLimitReached)
    _ = try await run.reserve(request(run, product, 3, run.fresh("buyer")))
    try await run.release(first?.reservationID ?? "")
    _ = try await run.reserve(request(run, product, 3, buyer))
  }

  private static func daily(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await sell(run, daily: 3)
    let buyer = run.fresh("buyer")
    let first = try await run.reserve(request(run, product, 3, buyer)).reservation
    try await run.consume(first?.reservationID ?? "")
    try await run.caller.refused(
      CapacityService.reserve, request(run, product, 1, buyer), .buyerLimitReached)
  }

  private static func explained(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await sell(run, held: 1)
    let buyer = run.fresh("buyer")
    _ = try await run.reserve(request(run, product, 1, buyer))
    var request = ExplainAvailabilityRequest()
    request.productID = product
    request.buyerID = buyer
    let answer = try await run.caller.ok(AvailabilityService.explainAvailability, request)
    try expectEqual("obstacles", answer.obstacles.map(\.reason), [.buyerLimitReached])
    try expect(answer.obstacles.first?.until != nil, "until is set", got: "it is not")
    request.buyerID = ""
    let anybody = try await run.caller.ok(AvailabilityService.explainAvailability, request)
    try expectEqual("sellable to anybody else", anybody.sellable, true)
  }
}
