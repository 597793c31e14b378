internal import CupoSchema
internal import Protobuf
internal import RPC

/// Resources and products: what is put is what is read, and what no field rule can say.
enum InventoryChecks {
  static func list() -> [ContractCheck] {
    let (putResource, putProduct) = (
      InventoryService.putResource.path, InventoryService.putProduct.path
    )
    return [
      ContractCheck(InventoryService.getResource.path, "what was put", readResource),
      ContractCheck(InventoryService.getResource.path, "RESOURCE_NOT_FOUND", noResource),
      ContractCheck(InventoryService.getProduct.path, "what was put", readProduct),
      ContractCheck(InventoryService.getProduct.path, "PRODUCT_NOT_FOUND", noProduct),
      ContractCheck(putResource, "a total left out stays as it is", keptTotal),
      ContractCheck(putResource, "a total left out of a new stock is a violation", missingTotal),
      ContractCheck(putResource, "the kind never changes", kind),
      ContractCheck(putResource, "a zone that nobody knows is a violation", zone),
      ContractCheck(putResource, "a limit below what is held breaks nothing", overcommitted),
      ContractCheck(putProduct, "RESOURCE_NOT_FOUND", productWithoutResource),
      ContractCheck(putProduct, "the first draw is of the finest kind", primary),
      ContractCheck(putProduct, "each resource once", twice),
    ]
  }

  static func resource(_ id: String, _ run: ContractRun) async throws(CheckFailure) -> Resource {
    var request = GetResourceRequest()
    request.resourceID = id
    return try await run.caller.ok(InventoryService.getResource, request).resource ?? Resource()
  }

  static func product(_ id: String, _ run: ContractRun) async throws(CheckFailure) -> Product {
    var request = GetProductRequest()
    request.productID = id
    return try await run.caller.ok(InventoryService.getProduct, request).product ?? Product()
  }

  private static func readResource(_ run: ContractRun) async throws(CheckFailure) {
    var days = run.days(run.fresh("days"), units: 3)
    days.timeZone = "America/Bogota"
    for resource in [
      run.stock(run.fresh("stock"), units: 3), days, run.slots(run.fresh("slots"), units: 3),
    ] {
      let put = try await run.put(resource)
      let read = try await Self.resource(resource.resourceID, run)
      try expect(read == put, "what PutResource has answered", got: "\(read)")
      try expectEqual("inventory", kept(read.inventory), kept(resource.inventory))
      try expectEqual("name", read.name, resource.name)
      try expectEqual("seller_id", read.sellerID, run.sellerID)
    }
  }

  // "Absent: `slot_minutes`": a server may answer the value that it took.
  private static func kept(_ inventory: Resource.Inventory?) -> Resource.Inventory? {
    guard case .slots(var slots)? = inventory else { return inventory }
    for index in slots.windows.indices where slots.windows[index].stepMinutes == 0 {
      slots.windows[index].stepMinutes = slots.windows[index].slotMinutes
    }
    return .slots(slots)
  }

  private static func noResource(_ run: ContractRun) async throws(CheckFailure) {
    var request = GetResourceRequest()
    request.resourceID = run.fresh("none")
    try await run.caller.refused(InventoryService.getResource, request, .resourceNotFound)
  }

  private static func readProduct(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(3)
    var product = run.product(run.fresh("product"), of: [stock])
    product.draws[0].units = 2
    product.limitedThresholdPercent = 20
    let put = try await run.put(product)
    let read = try await Self.product(product.productID, run)
    try expect(read == put, "what PutProduct has answered", got: "\(read)")
    try expectEqual("draws", read.draws, product.draws)
    try expectEqual("limited_threshold_percent", read.limitedThresholdPercent, 20)
  }

  private static func noProduct(_ run: ContractRun) async throws(CheckFailure) {
    var request = GetProductRequest()
    request.productID = run.fresh("none")
    try await run.caller.refused(InventoryService.getProduct, request, .productNotFound)
  }

  private static func keptTotal(_ run: ContractRun) async throws(CheckFailure) {
    var resource = run.stock(run.fresh("stock"), units: 7)
    try await run.put(resource)
    resource.inventory = .stock(Stock())
    resource.name = "second"
    try await run.put(resource)
    let now = try await Self.resource(resource.resourceID, run)
    try expectEqual("name", now.name, "second")
    try expectEqual(
      "the total", now.inventory, run.stock(resource.resourceID, units: 7).inventory)
  }

  // MARK: Violations

  private static func violates(
    _ resource: Resource, _ field: String, _ run: ContractRun
  ) async throws(CheckFailure) {
    var request = PutResourceRequest()
    request.resource = resource
    let refusal = try await run.caller.refused(
      InventoryService.putResource, request, .fieldViolation)
    try expect(
      refusal.fields.contains { $0.hasPrefix(field) }, "a violation of \(field)",
      got: refusal.summary)
  }

  private static func violates(
    _ product: Product, _ field: String, _ run: ContractRun
  ) async throws(CheckFailure) {
    var request = PutProductRequest()
    request.product = product
    let refusal = try await run.caller.refused(
      InventoryService.putProduct, request, .fieldViolation)
    try expect(
      refusal.fields.contains { $0.hasPrefix(field) }, "a violation of \(field)",
      got: refusal.summary)
  }

  private static func missingTotal(_ run: ContractRun) async throws(CheckFailure) {
    var resource = run.stock(run.fresh("stock"), units: 1)
    resource.inventory = .stock(Stock())
    try await violates(resource, "resource.stock", run)
  }

  private static func kind(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    try await violates(run.days(stock, units: 1), "resource", run)
  }

  private static func zone(_ run: ContractRun) async throws(CheckFailure) {
    var resource = run.days(run.fresh("days"), units: 1)
    resource.timeZone = "Atlantis/Capital"
    try await violates(resource, "resource.time_zone", run)
  }

  private static func overcommitted(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let id = try await run.hold(product, 4).reservationID
    var request = PutResourceRequest()
    request.resource = run.stock(product, units: 1)
    let impact = try await run.caller.ok(InventoryService.putResource, request).impact
    try expectEqual("impact.units_overcommitted", impact?.unitsOvercommitted, 3)
    try expectEqual("impact.reservations_affected", impact?.reservationsAffected, 1)
    try expectEqual("remaining", try await run.stockSlot(product).remaining, -3)
    try expectEqual("state", try await run.consume(id).reservation?.state, .consumed)
  }

  private static func productWithoutResource(_ run: ContractRun) async throws(CheckFailure) {
    var request = PutProductRequest()
    request.product = run.product(run.fresh("product"), of: [run.fresh("none")])
    try await run.caller.refused(InventoryService.putProduct, request, .resourceNotFound)
  }

  private static func primary(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    let days = try await run.sell(run.days(run.fresh("days"), units: 1))
    try await violates(
      run.product(run.fresh("product"), of: [stock, days]), "product.draws", run)
  }

  private static func twice(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    try await violates(
      run.product(run.fresh("product"), of: [stock, stock]), "product.draws", run)
  }
}
