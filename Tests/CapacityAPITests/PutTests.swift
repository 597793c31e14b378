import CupoSchema
import RPC
import Testing

/// Put and Get of the catalogue over the wire.
@Suite(.timeLimit(.minutes(5)))
struct PutTests {
  @Test func aDefinitionComesBackAsItWasPut() async throws {
    let house = try await House()
    var resource = Resource()
    resource.resourceID = "r"
    resource.sellerID = "sol"
    resource.timeZone = "UTC"
    var units = Limit()
    units.kind = .units(5)
    var stock = Stock()
    stock.total = units
    resource.inventory = .stock(stock)
    var put = PutResourceRequest()
    put.resource = resource
    let stored = try await house.client.unary(InventoryService.putResource, put).resource
    resource.version = 1
    #expect(stored == resource)
    var get = GetResourceRequest()
    get.resourceID = "r"
    #expect(try await house.client.unary(InventoryService.getResource, get).resource == resource)
    put.expectedVersion = 9
    let conflict = try await told {
      _ = try await house.client.unary(InventoryService.putResource, put)
    }
    #expect(conflict.reason == "VERSION_CONFLICT" && conflict.metadata["current_version"] == "1")
    put.expectedVersion = 0
    put.resource?.timeZone = "Mars/Olympus"
    let zone = try await told {
      _ = try await house.client.unary(InventoryService.putResource, put)
    }
    #expect(zone.reason == "FIELD_VIOLATION" && zone.fields == ["resource.time_zone"])
    get.resourceID = "nothing"
    let missing = try await told {
      _ = try await house.client.unary(InventoryService.getResource, get)
    }
    #expect(missing.reason == "RESOURCE_NOT_FOUND")
    await house.close()
  }

  @Test func products() async throws {
    let house = try await House()
    try await house.furnish()
    var get = GetProductRequest()
    get.productID = "ticket"
    var product = try #require(
      try await house.client.unary(InventoryService.getProduct, get).product)
    #expect(product.version == 1 && product.draws.map(\.resourceID) == ["hall"])
    product.name = "Ticket"
    var put = PutProductRequest()
    put.product = product
    put.validateOnly = true
    _ = try await house.client.unary(InventoryService.putProduct, put)
    #expect(
      try await house.client.unary(InventoryService.getProduct, get).product?.version == 1)
    put.validateOnly = false
    #expect(
      try await house.client.unary(InventoryService.putProduct, put).product?.version == 2)
    put.product?.draws[0].resourceID = "nothing"
    let missing = try await told {
      _ = try await house.client.unary(InventoryService.putProduct, put)
    }
    #expect(missing.reason == "RESOURCE_NOT_FOUND")
    get.productID = "nothing"
    let unknown = try await told {
      _ = try await house.client.unary(InventoryService.getProduct, get)
    }
    #expect(unknown.reason == "PRODUCT_NOT_FOUND")
    await house.close()
  }
}
