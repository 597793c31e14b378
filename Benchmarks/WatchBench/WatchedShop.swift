import CupoClient
import CupoSchema
import Protobuf
import RPC

/// A stock with one product, which everybody watches.
struct WatchedShop {
  let name: String

  static func open(_ client: Client) async throws -> WatchedShop {
    let name = "watched-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    var limit = Limit()
    limit.kind = .units(1_000_000_000)
    var stock = Stock()
    stock.total = limit
    var resource = Resource()
    resource.resourceID = name
    resource.sellerID = "bench"
    resource.inventory = .stock(stock)
    var put = PutResourceRequest()
    put.resource = resource
    _ = try await client.unary(InventoryService.putResource, put, metadata: Bearer.metadata)

    var draw = Draw()
    draw.resourceID = name
    draw.units = 1
    var product = Product()
    product.productID = name
    product.sellerID = "bench"
    product.draws = [draw]
    var putProduct = PutProductRequest()
    putProduct.product = product
    _ = try await client.unary(InventoryService.putProduct, putProduct, metadata: Bearer.metadata)
    return WatchedShop(name: name)
  }

  var watch: WatchAvailabilityRequest {
    var request = WatchAvailabilityRequest()
    request.productIDs = [name]
    return request
  }

  /// Makes one reservation: a change that every watcher hears of.
  func sell(_ client: Client) async throws {
    var line = Line()
    line.productID = name
    line.quantity = 1
    var request = ReserveRequest()
    request.idempotencyKey = TimeOrderedKey.make()
    request.lines = [line]
    request.buyerID = "bench-buyer"
    _ = try await client.unary(CapacityService.reserve, request, metadata: Bearer.metadata)
  }
}
