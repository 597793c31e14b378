internal import CupoSchema
internal import Protobuf
internal import RPC

/// VERSIONED: a Put that expects another version than there is changes nothing.
enum VersionChecks {
  static func list() -> [ContractCheck] {
    let (resource, product) = (InventoryService.putResource.path, InventoryService.putProduct.path)
    return [
      ContractCheck(resource, "version: begins with 1 and grows", resourceGrows),
      ContractCheck(
        resource, "version: VERSION_CONFLICT where it is stale or not there", resourceStale),
      ContractCheck(resource, "version: validate_only changes nothing", resourceValidated),
      ContractCheck(product, "version: begins with 1 and grows", productGrows),
      ContractCheck(
        product, "version: VERSION_CONFLICT where it is stale or not there", productStale),
      ContractCheck(product, "version: validate_only changes nothing", productValidated),
    ]
  }

  private static func resourceGrows(_ run: ContractRun) async throws(CheckFailure) {
    var resource = run.stock(run.fresh("stock"), units: 1)
    try expectEqual("version", try await run.put(resource).version, 1)
    resource.name = "second"
    try expectEqual("version", try await run.put(resource, expecting: 1).version, 2)
    resource.name = "third"
    try expectEqual("version", try await run.put(resource).version, 3)
  }

  private static func resourceStale(_ run: ContractRun) async throws(CheckFailure) {
    var request = PutResourceRequest()
    var resource = run.stock(run.fresh("stock"), units: 1)
    request.resource = resource
    request.expectedVersion = 1
    try await run.caller.refused(InventoryService.putResource, request, .versionConflict)
    try await run.put(resource)
    resource.name = "second"
    try await run.put(resource)
    resource.name = "third"
    request.resource = resource
    for version in [1, 3, UInt64.max] {
      request.expectedVersion = version
      try await run.caller.refused(InventoryService.putResource, request, .versionConflict)
    }
    let now = try await InventoryChecks.resource(resource.resourceID, run)
    try expectEqual("name", now.name, "second")
    try expectEqual("version", now.version, 2)
  }

  private static func resourceValidated(_ run: ContractRun) async throws(CheckFailure) {
    var request = PutResourceRequest()
    request.resource = run.stock(run.fresh("stock"), units: 1)
    request.validateOnly = true
    _ = try await run.caller.ok(InventoryService.putResource, request)
    var read = GetResourceRequest()
    read.resourceID = request.resource?.resourceID ?? ""
    try await run.caller.refused(InventoryService.getResource, read, .resourceNotFound)
    try await run.put(run.stock(read.resourceID, units: 7))
    let answer = try await run.caller.ok(InventoryService.putResource, request)
    try expectEqual(
      "the total that would be", answer.resource?.inventory,
      run.stock(read.resourceID, units: 1).inventory)
    let now = try await InventoryChecks.resource(read.resourceID, run)
    try expectEqual("the total", now.inventory, run.stock(read.resourceID, units: 7).inventory)
    try expectEqual("version", now.version, 1)
  }

  private static func productGrows(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    var product = run.product(run.fresh("product"), of: [stock])
    try expectEqual("version", try await run.put(product).version, 1)
    product.name = "second"
    try expectEqual("version", try await run.put(product, expecting: 1).version, 2)
    product.name = "third"
    try expectEqual("version", try await run.put(product).version, 3)
  }

  private static func productStale(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    var request = PutProductRequest()
    var product = run.product(run.fresh("product"), of: [stock])
    request.product = product
    request.expectedVersion = 1
    try await run.caller.refused(InventoryService.putProduct, request, .versionConflict)
    try await run.put(product)
    product.name = "second"
    try await run.put(product)
    product.name = "third"
    request.product = product
    for version in [1, 3, UInt64.max] {
      request.expectedVersion = version
      try await run.caller.refused(InventoryService.putProduct, request, .versionConflict)
    }
    let now = try await InventoryChecks.product(product.productID, run)
    try expectEqual("name", now.name, "second")
    try expectEqual("version", now.version, 2)
  }

  private static func productValidated(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    var request = PutProductRequest()
    request.product = run.product(run.fresh("product"), of: [stock])
    request.validateOnly = true
    _ = try await run.caller.ok(InventoryService.putProduct, request)
    var read = GetProductRequest()
    read.productID = request.product?.productID ?? ""
    try await run.caller.refused(InventoryService.getProduct, read, .productNotFound)
  }
}
