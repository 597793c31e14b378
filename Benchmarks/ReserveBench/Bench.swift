import CupoSchema
import NIOCore
import NIOPosix
import Protobuf
import RPC
import Synchronization

/// Reserves from one product of its own over one connection.
struct Bench: Sendable {
  /// Calls that were not answered OK.
  struct Failure: Error {
    let calls: Int
  }

  let address: (host: String, port: Int)
  let client: Client
  /// Sent with every call; nil: none.
  let token: String?
  /// Keeps this run's names apart from every other's.
  let run: UInt64
  /// So many products, each with a pool of its own; every Reserve takes one of them at random.
  let pools: Int
  let hasRandomKeys: Bool
  /// Lines of each Reserve.
  var lines = 1

  private var names: [String] {
    (0..<pools).map { number in
      let digits = String(number)
      let zeros = String(repeating: "0", count: 7 - digits.count)
      return "bench-\(String(run, radix: 36))-\(zeros)\(digits)"
    }
  }

  /// Puts stocks that cannot run out, and the products that draw on them.
  func prepare() async throws {
    try await each { try await prepare($0) }
  }

  // Some at a time, so that they share commits.
  private func each(_ work: @escaping @Sendable (String) async throws -> Void) async throws {
    let names = names
    let width = min(64, names.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<width {
        group.addTask {
          for index in stride(from: worker, to: names.count, by: width) {
            try await work(names[index])
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func prepare(_ name: String) async throws {
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
    _ = try await client.unary(InventoryService.putResource, put, metadata: metadata)

    var draw = Draw()
    draw.resourceID = name
    draw.units = 1
    var product = Product()
    product.productID = name
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

  /// Makes `count` reservations, `streams` at a time, and says how many a second that was.
  func rate(count: Int, streams: Int) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    _ = try await load(count, streams)
    return Double(count) / ((clock.now - start) / .seconds(1))
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

  /// How many units are held: each answer that said OK must be among them.
  func held() async throws -> Int64 {
    let sum = Sum()
    try await each { name in
      var request = GetAvailabilityRequest()
      request.productID = name
      let held = try await client.unary(
        AvailabilityService.getAvailability, request, metadata: metadata
      ).slots[0].held
      sum.add(held)
    }
    return sum.value
  }

  private final class Sum: Sendable {
    private let state = Mutex<Int64>(0)
    var value: Int64 { state.withLock { $0 } }
    func add(_ more: Int64) { state.withLock { $0 += more } }
  }

  /// Makes the bodies of this run's calls.
  func body() -> ReserveBody {
    ReserveBody(productIDs: names, hasRandomKeys: hasRandomKeys, lines: lines)
  }

  private func load(_ count: Int, _ streams: Int) async throws -> [Duration] {
    let body = body()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: LoadConnection.Result.self)
    _ = try await ClientBootstrap(group: loop)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 1_024))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let connection = try LoadConnection(
            path: CapacityService.reserve.path, token: token, count: count, inFlight: streams,
            promise: promise,
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
