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
  private let lists: Answers
  private let sums: Answers
  private let broadcasts: WatchBroadcasts

  init(
    engine: Engine, tzdataVersion: String, clock: @escaping @Sendable () -> Instant,
    watchProgressSeconds: Double, answerBytesMax: Int = AnswerCache.bytesMax
  ) {
    self.engine = engine
    self.tzdataVersion = tzdataVersion
    self.clock = clock
    calendars = CalendarCache()
    // Each of its own: their requests may look alike.
    lists = Answers(engine: engine, clock: clock, cache: AnswerCache(bytesMax: answerBytesMax))
    sums = Answers(engine: engine, clock: clock, cache: AnswerCache(bytesMax: answerBytesMax))
    broadcasts = WatchBroadcasts(
      engine: engine, calendars: calendars, clock: clock, progressSeconds: watchProgressSeconds)
  }

  func register(in registry: inout ServiceRegistry) {
    registry.read(
      AvailabilityService.getAvailability, rules: { $0.violations() }, known: lists.known,
      getAvailability)
    registry.read(
      AvailabilityService.getCalendar, rules: { $0.violations() }, known: sums.known, getCalendar)
    registry.unary(
      AvailabilityService.batchGetAvailability, rules: { $0.violations() }, batchGetAvailability)
    registry.unary(
      AvailabilityService.explainAvailability, rules: { $0.violations() }, explainAvailability)
    registry.serverStreaming(
      AvailabilityService.watchAvailability, rules: { $0.violations() }, watchAvailability)
  }

  @Sendable
  private func getAvailability(
    _ request: GetAvailabilityRequest, _ bytes: [UInt8], _ caller: Caller, _ reply: Reply
  ) {
    let plan: @Sendable (Catalogue, [Int64]) throws(Refusal) -> AvailabilityPage = {
      catalogue, withdrawn throws(Refusal) in
      var calendar = try calendar(of: request.productID, in: catalogue)
      let page = try AvailabilityPage(
        request, &calendar, withdrawn: withdrawn, at: clock(), tzdataVersion: tzdataVersion)
      calendars.keep(calendar)
      return page
    }
    lists.ask(.init(bytes: bytes, deadline: caller.deadline, plan: plan, reply: reply))
  }

  @Sendable
  private func getCalendar(
    _ request: GetCalendarRequest, _ bytes: [UInt8], _ caller: Caller, _ reply: Reply
  ) {
    let plan: @Sendable (Catalogue, [Int64]) throws(Refusal) -> CalendarPage = {
      catalogue, withdrawn throws(Refusal) in
      var calendar = try calendar(of: request.productID, in: catalogue)
      let page = try CalendarPage(request, &calendar, withdrawn: withdrawn, at: clock())
      calendars.keep(calendar)
      return page
    }
    sums.ask(.init(bytes: bytes, deadline: caller.deadline, plan: plan, reply: reply))
  }

  @Sendable
  private func batchGetAvailability(
    _ request: BatchGetAvailabilityRequest, _ caller: Caller
  ) async throws(Refusal) -> BatchGetAvailabilityResponse {
    let (checks, reading) = try await settled(caller) { catalogue throws(Refusal) in
      let now = clock()
      let checks = request.checks.map { check in
        CheckedSlot(
          check.productID, check.slot, quantity: check.quantity, in: catalogue, at: now)
      }
      return (checks, ReadQuery(pools: Array(Set(checks.flatMap(\.pools)))))
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
    guard caller.mayName(buyer: request.buyerID) else { throw Refusal(.notOwner) }
    let (check, reading) = try await settled(caller) { catalogue throws(Refusal) in
      let check = CheckedSlot(
        request.productID, request.slot, quantity: request.quantity, in: catalogue, at: clock())
      let buyer =
        request.buyerID.isEmpty
        ? nil : ReadQuery.Buyer(id: request.buyerID, productID: request.productID)
      return (check, ReadQuery(pools: check.pools, buyer: buyer))
    }
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
    let filter: WatchFilter
    do throws(Refusal) {
      filter = try WatchFilter(request, for: caller, in: engine.catalogue)
    } catch {
      throw .refused(error)
    }
    let watch = AvailabilityWatch(
      broadcasts: broadcasts, engine: engine, calendars: calendars, request: request,
      filter: filter, writer: writer)
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
    _ caller: Caller,
    _ plan: (Catalogue) throws(Refusal) -> (Plan, ReadQuery)
  ) async throws(Refusal) -> (Plan, Reading) {
    var catalogue = engine.catalogue
    while true {
      let (planned, query) = try plan(catalogue)
      let reading = try await engine.reading(of: query, for: caller)
      if reading.catalogue.revision == catalogue.revision { return (planned, reading) }
      catalogue = reading.catalogue
    }
  }
}
