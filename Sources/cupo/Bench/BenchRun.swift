internal import Capacity
internal import CupoClient
internal import CupoSchema
internal import Load
internal import Protobuf
internal import Synchronization

/// Carries a workload out: what it needs, then one run of load after another.
struct BenchRun: Sendable {
  static let batchSize = 1_000
  private static let consumesPerSecondMax = 200_000.0
  /// How long lifecycle's reservations are held, so that some expire while it runs.
  private static let lifecycleSeconds: Int64 = 5

  let workload: BenchWorkload
  let client: CupoClient
  let endpoint: Endpoint
  let shop: BenchShop
  /// How much and how long; its calls are filled in here.
  let plan: LoadPlan
  let hasRandomKeys: Bool
  let options: BenchShopOptions

  init(
    _ workload: BenchWorkload, _ client: CupoClient, _ endpoint: Endpoint, _ plan: LoadPlan,
    hasRandomKeys: Bool, _ options: BenchShopOptions
  ) {
    self.workload = workload
    self.client = client
    self.endpoint = endpoint
    self.plan = plan
    self.hasRandomKeys = hasRandomKeys
    self.options = options
    shop = BenchShop(
      client: client, pools: options.pools(of: workload), name: options.shop,
      sellerID: options.seller)
  }

  /// One run, its preparation not counted.
  func once() async throws -> LoadResult {
    switch workload {
    case .reserveHot, .reserveUniform:
      return try await reserve(CapacityService.reserve.path, reserveCalls(options.requests))
    case .batchReserve:
      let calls = batchCalls(options.requests.map { $0 / Self.batchSize })
      return try await reserve(CapacityService.batchReserve.path, calls)
    case .consume: return try await consume()
    case .lifecycle:
      return try await load(
        [
          CapacityService.reserve.path, CapacityService.consume.path, CapacityService.release.path,
        ], lifecycleCalls())
    case .availability, .calendar: return try await read()
    case .watch:
      return try await BenchWatch(
        endpoint: endpoint, client: client, productID: shop.productIDs[0], plan: plan
      ).run(reserveCalls())
    }
  }

  /// Units that are taken before the first run: some, where the shop is that of an earlier command.
  func takenBefore() async throws -> Int {
    options.shop == nil ? 0 : try await shop.taken()
  }

  /// Whether every unit that an answer said is held is held, in all runs, and no other; what had no answer may be, too.
  func check(_ results: [LoadResult], takenBefore: Int) async throws {
    guard [.reserveHot, .reserveUniform, .batchReserve].contains(workload) else { return }
    let successes = results.reduce(0) { $0 + $1.successesInAll }
    let isCertain = results.allSatisfy { $0.firstError == nil }
    let taken = try await shop.taken() - takenBefore
    guard taken == successes || (taken > successes && !isCertain) else {
      throw Failure(
        .unexpected, "answers said that \(successes) units are held, and the server holds \(taken)")
    }
  }

  private func load(
    _ paths: [String], _ makeSource: @escaping @Sendable () -> any CallSource
  ) async throws -> LoadResult {
    var plan = plan
    plan.paths = paths
    plan.makeSource = makeSource
    return try await Load.run(plan)
  }

  private func reserve(
    _ path: String, _ makeSource: @escaping @Sendable () -> any CallSource
  ) async throws -> LoadResult {
    let result = try await load([path], makeSource)
    guard result.calls > 0 || options.requests == nil else {
      throw Failure(
        .unexpected, "all requests were made before the clock ran: try --warm-up 0s, or more")
    }
    return result
  }

  // MARK: Calls

  private func reserveCalls(_ limit: Int? = nil) -> @Sendable () -> any CallSource {
    let (ids, randomKeys) = (shop.productIDs, hasRandomKeys)
    let seconds = options.ttlSeconds
    return {
      ReserveCalls(
        ReserveTemplate(productIDs: ids, ttlSeconds: seconds), randomKeys: randomKeys,
        limit: limit ?? .max)
    }
  }

  private func lifecycleCalls() -> @Sendable () -> any CallSource {
    let (ids, randomKeys) = (shop.productIDs, hasRandomKeys)
    let seconds = options.ttlSeconds ?? Self.lifecycleSeconds
    return {
      LifecycleCalls(
        ReserveTemplate(productIDs: ids, ttlSeconds: seconds), randomKeys: randomKeys)
    }
  }

  private func batchCalls(
    _ limit: Int?, reserved: (@Sendable ([UInt8]) -> Void)? = nil
  ) -> @Sendable () -> any CallSource {
    let (ids, randomKeys) = (shop.productIDs, hasRandomKeys)
    let seconds = options.ttlSeconds
    return {
      BatchCalls(
        ReserveTemplate(productIDs: ids, batch: Self.batchSize, ttlSeconds: seconds),
        size: Self.batchSize, randomKeys: randomKeys, limit: limit ?? .max, reserved: reserved)
    }
  }

  // Enough for 200,000 a second; a server for which that takes twice as long as the run does not consume as many.
  private func consume() async throws -> LoadResult {
    var preparation = plan
    preparation.paths = [CapacityService.batchReserve.path]
    (preparation.inFlight, preparation.connections) = (4, 1)
    preparation.ratePerSecond = nil
    preparation.duration = (plan.warmUp + plan.duration) * 2
    preparation.warmUp = .zero
    let box = ReservationBox()
    let seconds = (plan.warmUp + plan.duration) / .seconds(1)
    preparation.makeSource = batchCalls(
      Int((seconds * Self.consumesPerSecondMax).rounded(.up)) / Self.batchSize + 1,
      reserved: { box.append($0) })
    let made = try await Load.run(preparation)
    guard made.errors == 0, made.requests > 0 else {
      throw Failure(.unexpected, "cannot reserve what is to be consumed: \(made.firstError ?? "")")
    }
    let bodies = box.bodies
    let result = try await load([CapacityService.consume.path]) { ConsumeCalls(bodies) }
    guard result.calls > 0 else {
      throw Failure(
        .unexpected, "all \(bodies.count) reservations were consumed before the clock ran")
    }
    return result
  }

  private func read() async throws -> LoadResult {
    let today = Self.today
    let bodies: [[UInt8]] = (1...60).map { day in
      if workload == .availability {
        var request = GetAvailabilityRequest()
        request.productID = shop.productIDs[0]
        request.fromDate = "\(today.advanced(by: day))"
        request.toDate = request.fromDate
        return BenchFrame.message(request.encoded())
      }
      var request = GetCalendarRequest()
      request.productID = shop.productIDs[0]
      request.fromDate = "\(today.advanced(by: day))"
      request.toDate = "\(today.advanced(by: day + 29))"
      return BenchFrame.message(request.encoded())
    }
    let path =
      workload == .availability
      ? AvailabilityService.getAvailability.path : AvailabilityService.getCalendar.path
    return try await load([path]) { RepeatedCalls(bodies) }
  }

  private static var today: CivilDate {
    CivilDate(day: Int32(SystemClock.seconds() / 86_400))
  }
}

/// The ids that a run of load hears of, handed from its loop to the next run.
final class ReservationBox: Sendable {
  private let state = Mutex(ReservationBodies())

  var bodies: ReservationBodies { state.withLock { $0 } }

  func append(_ id: [UInt8]) {
    state.withLock { $0.append(id) }
  }
}
