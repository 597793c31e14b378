internal import CupoSchema
internal import Protobuf
internal import RPC

/// WatchEvents: what happened, in order, and again from a token on.
enum EventChecks {
  static func list() -> [ContractCheck] {
    let path = EventService.watchEvents.path
    return [
      ContractCheck(path, "held, consumed, released and expired, in order", order),
      ContractCheck(path, "movements and the balances after them", movements),
      ContractCheck(path, "goes on after a resume token", resume),
      ContractCheck(path, "from the beginning, and a mark at the end", beginning),
      ContractCheck(path, "only the types that were asked for", types),
      ContractCheck(path, "RESUME_TOKEN_INVALID", token),
    ]
  }

  /// A stream of one seller's events that is being read.
  private struct Reader {
    private var messages: ResponseStream<WatchEventsResponse>.Iterator
    private var pending: [Event] = []
    /// Of the newest message.
    private(set) var token: [UInt8] = []

    init(_ run: ContractRun, _ request: WatchEventsRequest) async throws(CheckFailure) {
      do throws(RPCError) {
        messages = try await run.caller.client.serverStreaming(
          EventService.watchEvents, request, metadata: run.caller.target.metadata,
          timeout: .seconds(8)
        ).makeAsyncIterator()
      } catch {
        throw CheckFailure(expected: "a stream", got: ErrorAnswer(error).summary)
      }
    }

    mutating func message(_ what: String) async throws(CheckFailure) -> WatchEventsResponse {
      let message: WatchEventsResponse?
      do throws(RPCError) {
        message = try await messages.next()
      } catch {
        throw CheckFailure(expected: what, got: ErrorAnswer(error).summary)
      }
      guard let message else { throw CheckFailure(expected: what, got: "the end of the stream") }
      try expect(!message.resumeToken.isEmpty, "a resume_token in each message", got: "none")
      token = message.resumeToken
      return message
    }

    /// Everything up to the first message without events.
    mutating func untilMark() async throws(CheckFailure) -> [Event] {
      var events: [Event] = []
      while true {
        let message = try await message("a message without events at the end of the log")
        guard !message.events.isEmpty else { return events }
        events += message.events
      }
    }

    mutating func next(_ what: String) async throws(CheckFailure) -> Event {
      while pending.isEmpty { pending = try await message(what).events }
      return pending.removeFirst()
    }
  }

  /// A seller of its own with a product of three units.
  private static func seller(
    _ run: ContractRun
  ) async throws(CheckFailure) -> (id: String, product: String) {
    var stock = run.stock(run.fresh("stock"), units: 3)
    stock.sellerID = run.fresh("seller")
    return (stock.sellerID, try await run.sell(stock) { $0.sellerID = stock.sellerID })
  }

  private static func request(_ seller: String) -> WatchEventsRequest {
    var request = WatchEventsRequest()
    request.sellerID = seller
    return request
  }

  private static func order(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, product) = try await seller(run)
    var reader = try await Reader(run, request(seller))
    try expectEqual("events before anything happens", try await reader.untilMark().count, 0)
    let sold = try await run.hold(product, 1)
    try await run.consume(sold.reservationID)
    let returned = try await run.hold(product, 1)
    try await run.release(returned.reservationID)
    let late = try await run.hold(product, 1, ttl: ProtobufDuration(seconds: 1))
    let expected: [(EventType, Reservation)] = [
      (.reservationHeld, sold), (.reservationConsumed, sold), (.reservationHeld, returned),
      (.reservationReleased, returned), (.reservationHeld, late), (.reservationExpired, late),
    ]
    var sequence: UInt64 = 0
    for (type, reservation) in expected {
      let event = try await reader.next("\(type) of \(reservation.reservationID)")
      try expectEqual("type", event.type, type)
      try expectEqual("subject", event.subject, reservation.reservationID)
      try expectEqual(
        "the reservation's id", event.reservation?.reservationID, reservation.reservationID)
      try expect(
        event.sequence > sequence, "a sequence above \(sequence)", got: "\(event.sequence)")
      sequence = event.sequence
      if type == .reservationExpired {
        try expectEqual("at", event.at, late.expiresAt)
      }
    }
  }

  private static func movements(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, product) = try await seller(run)
    var reader = try await Reader(run, request(seller))
    _ = try await reader.untilMark()
    let reservation = try await run.hold(product, 2)
    try await run.consume(reservation.reservationID)
    let held = try await reader.next("RESERVATION_HELD")
    try expectEqual("movements of one pool", held.movements.count, 1)
    try expectEqual("held by it", held.movements.first?.held, 2)
    try expectEqual("held after it", held.balances.first?.held, 2)
    let consumed = try await reader.next("RESERVATION_CONSUMED")
    try expectEqual("held by it", consumed.movements.first?.held, -2)
    try expectEqual("consumed by it", consumed.movements.first?.consumed, 2)
    try expectEqual("held after it", consumed.balances.first?.held, 0)
    try expectEqual("consumed after it", consumed.balances.first?.consumed, 2)
    try expect(
      consumed.balances.first?.revision ?? 0 > held.balances.first?.revision ?? 0,
      "a revision that grows", got: "one that does not")
  }

  private static func resume(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, product) = try await seller(run)
    var reader = try await Reader(run, request(seller))
    _ = try await reader.untilMark()
    let first = try await run.hold(product, 1)
    try expectEqual(
      "subject", try await reader.next("an event").subject, first.reservationID)
    let second = try await run.hold(product, 1)
    var again = request(seller)
    again.resumeToken = reader.token
    var resumed = try await Reader(run, again)
    try expectEqual(
      "the first event behind the token",
      try await resumed.next("an event").subject, second.reservationID)
  }

  private static func beginning(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, product) = try await seller(run)
    let reservation = try await run.hold(product, 1)
    var request = request(seller)
    request.fromBeginning = true
    var reader = try await Reader(run, request)
    let events = try await reader.untilMark()
    try expectEqual(
      "types", events.map(\.type), [.resourceChanged, .productChanged, .reservationHeld])
    try expectEqual("the resource", events.first?.resource?.sellerID, seller)
    try expectEqual("the last subject", events.last?.subject, reservation.reservationID)
  }

  private static func types(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, product) = try await seller(run)
    let reservation = try await run.hold(product, 1)
    try await run.release(reservation.reservationID)
    var request = request(seller)
    request.fromBeginning = true
    request.types = [.reservationReleased, .productChanged]
    var reader = try await Reader(run, request)
    try expectEqual(
      "types", try await reader.untilMark().map(\.type), [.productChanged, .reservationReleased])
    // A token goes with its filter.
    request.types = [.reservationReleased]
    request.resumeToken = reader.token
    try await run.caller.refused(EventService.watchEvents, request, .resumeTokenInvalid)
  }

  private static func token(_ run: ContractRun) async throws(CheckFailure) {
    var request = WatchEventsRequest()
    for token in [[UInt8](repeating: 0xff, count: 3), Array("nonsense".utf8)] {
      request.resumeToken = token
      try await run.caller.refused(EventService.watchEvents, request, .resumeTokenInvalid)
    }
  }
}
