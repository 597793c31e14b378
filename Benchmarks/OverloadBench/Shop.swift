import CupoSchema
import Protobuf
import RPC

/// One product that cannot run out, and the server that sells it.
struct Shop: Sendable {
  let address: (host: String, port: Int)
  let client: Client
  /// Sent with every call; nil: none.
  let token: String?
  let productID: String
  /// Lines of each Reserve.
  let lines: Int

  func prepare() async throws {
    var limit = Limit()
    limit.kind = .units(1_000_000_000)
    var stock = Stock()
    stock.total = limit
    var put = PutResourceRequest()
    var resource = Resource()
    resource.resourceID = productID
    resource.sellerID = "bench"
    resource.inventory = .stock(stock)
    put.resource = resource
    _ = try await client.unary(InventoryService.putResource, put, metadata: metadata)

    var draw = Draw()
    draw.resourceID = productID
    draw.units = 1
    var product = Product()
    product.productID = productID
    product.sellerID = "bench"
    product.draws = [draw]
    var putProduct = PutProductRequest()
    putProduct.product = product
    _ = try await client.unary(InventoryService.putProduct, putProduct, metadata: metadata)
  }

  private var metadata: Metadata {
    var metadata = Metadata()
    if let token { metadata.append("authorization", "Bearer \(token)") }
    return metadata
  }

  var body: ReserveBody { ReserveBody(productID: productID, lines: lines) }
}
