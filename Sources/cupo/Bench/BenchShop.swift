internal import CupoClient
internal import CupoSchema
internal import Protobuf
internal import RPC
internal import Synchronization

/// What a workload sells: resources and products with names of their own, which stay on the server.
struct BenchShop: Sendable {
  private static let unitsMax: UInt64 = 1_000_000_000_000
  static let defaultSellerID = "bench"
  private static let width = 256

  let client: CupoClient
  let sellerID: String
  /// All of one length; they differ in their last digits, which count from 0.
  let productIDs: [String]
  /// Whether an earlier command can have opened it.
  private let hasName: Bool

  /// - Parameters:
  ///   - pools: 10 million at most.
  ///   - name: keeps these pools apart from every other's; nil: one that nobody has.
  init(client: CupoClient, pools: Int, name: String?, sellerID: String) {
    self.client = client
    self.sellerID = sellerID
    hasName = name != nil
    let name = name ?? String(UInt64.random(in: 1...UInt64.max), radix: 36)
    productIDs = (0..<pools).map { number in
      let digits = String(number)
      let zeros = String(repeating: "0", count: 7 - digits.count)
      return "bench-\(name)-\(zeros)\(digits)"
    }
  }

  /// Puts one resource of `workload` for each product, and the products, unless an earlier command has.
  func open(for workload: BenchWorkload) async throws(CupoError) {
    if hasName, try await isOpen() { return }
    let sellerID = sellerID
    try await each { client, name throws(CupoError) in
      var resource = Resource()
      resource.resourceID = name
      resource.sellerID = sellerID
      resource.inventory = Self.inventory(workload)
      var put = PutResourceRequest()
      put.resource = resource
      _ = try await client.putResource(put)
      var draw = Draw()
      draw.resourceID = name
      draw.units = 1
      var product = Product()
      product.productID = name
      product.sellerID = sellerID
      product.draws = [draw]
      var putProduct = PutProductRequest()
      putProduct.product = product
      _ = try await client.putProduct(putProduct)
    }
  }

  // They are put in order, some at a time: where the last is, all are, but for those of a command that was ended meanwhile.
  private func isOpen() async throws(CupoError) -> Bool {
    var request = GetProductRequest()
    do throws(CupoError) {
      for name in productIDs.suffix(Self.width) {
        request.productID = name
        _ = try await client.getProduct(request)
      }
      return true
    } catch {
      if error.code == .notFound { return false }
      throw error
    }
  }

  /// Units that are held or sold.
  func taken() async throws(CupoError) -> Int {
    let sum = Mutex(Int64(0))
    try await each { client, name throws(CupoError) in
      var request = GetAvailabilityRequest()
      request.productID = name
      let slots = try await client.getAvailability(request).slots
      let taken = slots.reduce(0) { $0 + $1.held + $1.consumed }
      sum.withLock { $0 += taken }
    }
    return Int(sum.withLock { $0 })
  }

  private static func inventory(_ workload: BenchWorkload) -> Resource.Inventory {
    var limit = Limit()
    limit.kind = .units(unitsMax)
    switch workload {
    case .availability:
      var days = DailyCapacity()
      days.defaultLimit = limit
      return .dailyCapacity(days)
    case .calendar:
      var window = Slots.Window()
      window.days = Weekday.allCases.filter(\.isKnown)
      window.start = "09:00"
      window.end = "17:00"
      window.slotMinutes = 30
      window.limit = limit
      var slots = Slots()
      slots.windows = [window]
      return .slots(slots)
    case .reserveHot, .reserveUniform, .batchReserve, .consume, .lifecycle, .watch:
      var stock = Stock()
      stock.total = limit
      return .stock(stock)
    }
  }

  // Many at a time, so that they share commits: each that changes the catalogue costs more, the larger that is.
  private func each(
    _ work: @escaping @Sendable (CupoClient, String) async throws(CupoError) -> Void
  ) async throws(CupoError) {
    let (client, names) = (client, productIDs)
    let width = min(Self.width, names.count)
    let failure = await withTaskGroup(of: CupoError?.self) { group -> CupoError? in
      for worker in 0..<width {
        group.addTask {
          do throws(CupoError) {
            for index in stride(from: worker, to: names.count, by: width) {
              try await work(client, names[index])
            }
            return nil
          } catch {
            return error
          }
        }
      }
      var first: CupoError?
      for await error in group { first = first ?? error }
      return first
    }
    if let failure { throw failure }
  }
}
