import CupoClient
import CupoSchema
import Load
import Protobuf
import RPC

/// Reserves from one product of its own over one connection.
struct Reserves: Sendable {
  private static let productID = "bench"

  let address: (host: String, port: Int)
  let client: Client
  /// Sent with every call; nil: none.
  let token: String?

  /// Puts a stock that cannot run out, and the product that draws on it.
  func prepare() async throws {
    var metadata = Metadata()
    if let token { metadata.append("authorization", "Bearer \(token)") }
    var limit = Limit()
    limit.kind = .units(1_000_000_000)
    var stock = Stock()
    stock.total = limit
    var put = PutResourceRequest()
    var resource = Resource()
    resource.resourceID = Self.productID
    resource.sellerID = "bench"
    resource.inventory = .stock(stock)
    put.resource = resource
    _ = try await client.unary(InventoryService.putResource, put, metadata: metadata)
    var draw = Draw()
    draw.resourceID = Self.productID
    draw.units = 1
    var product = Product()
    product.productID = Self.productID
    product.sellerID = "bench"
    product.draws = [draw]
    var putProduct = PutProductRequest()
    putProduct.product = product
    _ = try await client.unary(InventoryService.putProduct, putProduct, metadata: metadata)
  }

  /// Makes `count` reservations, `streams` at a time, and says how many a second that was.
  func rate(count: Int, streams: Int) async throws -> Double {
    var plan = LoadPlan(
      address: .host(address.host, port: address.port), paths: [CapacityService.reserve.path],
      token: token
    ) { Source(count: count) }
    plan.inFlight = streams
    plan.warmUp = .zero
    // It ends when they are made.
    plan.duration = .seconds(600)
    let result = try await Load.run(plan)
    precondition(result.errors == 0, result.firstError ?? "")
    return result.requestsPerSecond
  }

  private final class Source: CallSource {
    let readsAnswers = false
    private var left: Int

    init(count: Int) { left = count }

    func next() -> LoadCall? {
      guard left > 0 else { return nil }
      left -= 1
      var line = Line()
      line.productID = Reserves.productID
      line.quantity = 1
      var request = ReserveRequest()
      request.idempotencyKey = TimeOrderedKey.make()
      request.lines = [line]
      request.buyerID = "bench-buyer"
      let message: [UInt8] = request.encoded()
      return LoadCall(
        .init(method: 0),
        body: [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message)
    }

    func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
      LoadTally(errors: isOK ? 0 : 1)
    }
  }
}
