internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// AvailabilityService: lists, sums up, explains and watches what the evaluator says. It decides nothing.
struct AvailabilityHandlers: Sendable {
  /// Slots of one page at most, and where none is asked for.
  static let pageMax = 5000
  /// Dates of one request at most.
  static let datesMax = 366

  let engine: Engine
  let tzdataVersion: String
  let clock: @Sendable () -> Instant
  private let calendars: CalendarCache
  private let broadcasts: WatchBroadcasts

  init(
    engine: Engine, tzdataVersion: String, clock: @escaping @Sendable () -> Instant,
    watchProgressSeconds: Double
  ) {
    self.engine = engine
    self.tzdataVersion = tzdataVersion
    self.clock = clock
    calendars = CalendarCache()
    broadcasts = WatchBroadcasts(
      engine: engine, calendars: calendars, clock: clock, progressSeconds: watchProgressSeconds)
  }

  func register(in registry: inout ServiceRegistry) {
    registry.unary(
      AvailabilityService.getAvailability, rules: { $0.violations() }, getAvailability)
    registry.unary(AvailabilityService.getCalendar, rules: { $0.violations() }, getCalendar)
    registry.unary(
      AvailabilityService.batchGetAvailability, rules: { $0.violations() }, batchGetAvailability)
    registry.unary(
      AvailabilityService.explainAvailability, rules: { $0.violations() }, explainAvailability)
    registry.serverStreaming(
      AvailabilityService.watchAvailability, rules: { $0.violations() }, watchAvailability)
  }

  @Sendable
  private func getAvailability(
    _ request: GetAvailabilityRequest, _ caller: Caller
  ) async throws(Refusal) -> GetAvailabilityResponse {
    let (page, reading) = try await settled { catalogue throws(Refusal) in
      var calendar = try calendar(of: request.productID, in: catalogue)
      let page = try AvailabilityPage(request, &calendar, at: clock())
      calendars.keep(calendar)
      return (page, page.slots.flatMap(\.pools))
    }
    return page.response(request, reading, tzdataVersion)
  }

  @Sendable
  private func getCalendar(
    _ request: GetCalendarRequest, _ caller: Caller
  ) async throws(Refusal) -> GetCalendarResponse {
    let (page, reading) = try await settled { catalogue throws(Refusal) in
      var calendar = try calendar(of: request.productID, in: catalogue)
      let page = try CalendarPage(request, &calendar, at: clock())
      calendars.keep(calendar)
      return (page, page.keys)
    }
    return page.response(request, reading)
  }

  @Sendable
  private func batchGetAvailability(
    _ request: BatchGetAvailabilityRequest, _ caller: Caller
  ) async throws(Refusal) -> BatchGetAvailabilityResponse {
    let (checks, reading) = try await settled { catalogue throws(Refusal) in
      let now = clock()
      let checks = request.checks.map { check in
        CheckedSlot(
          check.productID, check.slot, quantity: check.quantity, in: catalogue, at: now)
      }
      return (checks, Array(Set(checks.flatMap(\.pools))))
    }
    var response = BatchGetAvailabilityResponse()
    response.answers = checks.map { $0.again(reading).answer(reading) }
    response.asOf = reading.asOf.timestamp
    return response
  }

  @Sendable
  private func explainAvailability(
    _ request: ExplainAvailabilityRequest, _ caller: Caller
  ) async throws(Refusal) -> ExplainAvailabilityResponse {
    let (check, reading) = try await settled { catalogue throws(Refusal) in
      let check = CheckedSlot(
        request.productID, request.slot, quantity: request.quantity, in: catalogue, at: clock())
      return (check, check.pools)
    }
    // No product limits buyers yet, so `buyer_id` has nothing to add.
    let obstacles = try check.again(reading).obstacles(reading)
    var response = ExplainAvailabilityResponse()
    response.sellable = obstacles.isEmpty
    response.obstacles = obstacles.map(\.message)
    response.asOf = reading.asOf.timestamp
    return response
  }

  @Sendable
  private func watchAvailability(
    _ request: WatchAvailabilityRequest, _ caller: Caller,
    _ writer: ResponseWriter<WatchAvailabilityResponse>
  ) async throws(StreamEnd) {
    let watch = AvailabilityWatch(
      broadcasts: broadcasts, engine: engine, calendars: calendars, request: request,
      writer: writer)
    try await watch.run(caller)
  }

  private func calendar(
    of productID: String, in catalogue: Catalogue
  ) throws(Refusal) -> ProductCalendar {
    guard let offer = Offer(productID, in: catalogue) else {
      throw Refusal(.productNotFound, [.init("product_id", productID)])
    }
    return calendars.calendar(of: offer)
  }

  // Plans and reads the pools that the plan names. A catalogue that changes between the two is rare; then it plans once more
  // on what was read.
  private func settled<Plan>(
    _ plan: (Catalogue) throws(Refusal) -> (Plan, pools: [PoolKey])
  ) async throws(Refusal) -> (Plan, Reading) {
    var catalogue = engine.catalogue
    while true {
      let (planned, pools) = try plan(catalogue)
      let reading = try await engine.reading(of: pools)
      if reading.catalogue.revision == catalogue.revision { return (planned, reading) }
      catalogue = reading.catalogue
    }
  }
}
