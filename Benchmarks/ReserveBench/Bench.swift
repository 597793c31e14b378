import CupoSchema
import NIOCore
import NIOPosix
import Protobuf
import RPC

/// Reserves from one product of its own over one connection.
struct Bench: Sendable {
  /// Calls that were not answered OK.
  struct Failure: Error {
    let calls: Int
  }

  let address: (host: String, port: Int)
  let client: Client
  /// Keeps this run's names apart from every other's.
  let run: UInt64
  let hasRandomKeys: Bool

  private var name: String { "bench-\(String(run, radix: 36))" }

  /// Puts a stock that cannot run out, and the product that draws on it.
  func prepare() async throws {
    var limit = Limit()
    limit.kind = .units(1_000_000_000)
    var stock = Stock()
    stock.total = limit
    var put = PutResourceRequest()
    var resource = Resource()
    resource.resourceID = name
    resource.sellerID = "bench"
    resource.inventory = .stock(stock)
    put.resource = resource
    _ = try await client.unary(InventoryService.putResource, put)

    var draw = Draw()
    draw.resourceID = name
    draw.units = 1
    var product = Product()
    product.productID = name
    product.sellerID = "bench"
    product.draws = [draw]
    var putProduct = PutProductRequest()
    putProduct.product = product
    _ = try await client.unary(InventoryService.putProduct, putProduct)
  }

  func warmUp(count: Int, streams: Int) async throws {
    _ = try await load(count, streams)
  }

  /// Makes `count` reservations, `streams` at a time, and says how that went.
  func measure(_ title: String, count: Int, streams: Int) async throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let latencies = try await load(count, streams)
    let elapsed = clock.now - start
    return row(title, latencies.sorted(), elapsed)
  }

  /// How many units of the product are held: each answer that said OK must be among them.
  func held() async throws -> Int64 {
    var request = GetAvailabilityRequest()
    request.productID = name
    return try await client.unary(AvailabilityService.getAvailability, request).slots[0].held
  }

  private func load(_ count: Int, _ streams: Int) async throws -> [Duration] {
    let body = ReserveBody(productID: name, hasRandomKeys: hasRandomKeys)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: LoadConnection.Result.self)
    _ = try await ClientBootstrap(group: loop)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 1_024))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = try LoadConnection(
            path: CapacityService.reserve.path, count: count, inFlight: streams, promise: promise,
            makeBody: body.next)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .connect(host: address.host, port: address.port).get()
    let result = try await promise.futureResult.get()
    guard result.failures == 0 else { throw Failure(calls: result.failures) }
    return result.latencies
  }

  private func row(_ title: String, _ latencies: [Duration], _ elapsed: Duration) -> String {
    func milliseconds(_ part: Double) -> String {
      let index = min(latencies.count - 1, Int(Double(latencies.count) * part))
      let microseconds = (latencies[index] / .microseconds(1)).rounded()
      return "\(microseconds / 1000) ms"
    }
    let rate = Int(Double(latencies.count) / (elapsed / .seconds(1)))
    return "\(title): \(latencies.count) durable reserves, \(rate)/s, "
      + "p50 \(milliseconds(0.5)), p90 \(milliseconds(0.9)), p99 \(milliseconds(0.99))"
  }
}
