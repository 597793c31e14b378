import CupoClient
import CupoSchema
import Protobuf
import RPC

/// Reserves from one product of its own over one connection.
struct Bench: Sendable {
  let client: Client
  /// Keeps this run's names apart from every other's.
  let run: UInt64

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
    _ = try await measure("warm-up", count: count, streams: streams)
  }

  /// Makes `count` reservations, `streams` at a time, and says how that went.
  func measure(_ title: String, count: Int, streams: Int) async throws -> String {
    let clock = ContinuousClock()
    let start = clock.now
    let latencies = try await withThrowingTaskGroup(of: [Duration].self) { group in
      for stream in 0..<streams {
        let share = count / streams + (stream < count % streams ? 1 : 0)
        group.addTask { try await reserve(share, clock) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let elapsed = clock.now - start
    return row(title, latencies.sorted(), elapsed)
  }

  private func reserve(
    _ count: Int, _ clock: ContinuousClock
  ) async throws -> [Duration] {
    var latencies: [Duration] = []
    latencies.reserveCapacity(count)
    var line = Line()
    line.productID = name
    line.quantity = 1
    var request = ReserveRequest()
    request.lines = [line]
    request.buyerID = "bench-buyer"
    for _ in 0..<count {
      request.idempotencyKey = TimeOrderedKey.make()
      let start = clock.now
      let response = try await client.unary(CapacityService.reserve, request)
      precondition(response.reservation?.state == .held && !response.replayed)
      latencies.append(clock.now - start)
    }
    return latencies
  }

  private func row(_ title: String, _ latencies: [Duration], _ elapsed: Duration) -> String {
    func milliseconds(_ part: Double) -> String {
      let index = min(latencies.count - 1, Int(Double(latencies.count) * part))
      let microseconds = (latencies[index] / .microseconds(1)).rounded()
      return "\(microseconds / 1000) ms"
    }
    let rate = Int(Double(latencies.count) / (elapsed / .seconds(1)))
    return "\(title): \(latencies.count) durable reserves, \(rate)/s, "
      + "p50 \(milliseconds(0.5)), p99 \(milliseconds(0.99))"
  }
}
