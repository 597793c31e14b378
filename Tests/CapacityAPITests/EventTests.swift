import Capacity
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import Testing

/// WatchEvents: the log, from anywhere in it (SYSTEM.md section 6).
@Suite(.timeLimit(.minutes(5)))
struct EventTests {
  /// What a reader of the log was sent.
  struct Reader {
    var events: [CupoSchema.Event] = []
    var token: [UInt8] = []
    private var stream: ResponseStream<WatchEventsResponse>.Iterator

    init(_ house: House, _ request: WatchEventsRequest) async throws {
      stream = try await house.client.serverStreaming(EventService.watchEvents, request)
        .makeAsyncIterator()
    }

    /// Takes one message; nil: the stream ended.
    @discardableResult
    mutating func next() async throws(RPCError) -> WatchEventsResponse? {
      guard let response = try await stream.next() else { return nil }
      events += response.events
      token = response.resumeToken
      return response
    }

    mutating func untilMark() async throws(RPCError) {
      while let message = try await next(), !message.events.isEmpty {}
    }

    mutating func until(count: Int) async throws(RPCError) {
      while events.count < count, try await next() != nil {}
    }
  }

  private func house(
    clock: ManualClock = ManualClock(), retention: EventRetention = EventRetention()
  ) async throws -> House {
    let house = try await House(clock: clock, retention: retention)
    try await house.furnish()
    return house
  }

  private func request(
    seller: String = "", types: [EventType] = [], token: [UInt8] = [], fromBeginning: Bool = false
  ) -> WatchEventsRequest {
    var request = WatchEventsRequest()
    request.sellerID = seller
    request.types = types
    request.resumeToken = token
    request.fromBeginning = fromBeginning
    return request
  }

  @Test func everyTransitionInOrder() async throws {
    let house = try await house()
    var reader = try await Reader(house, request())
    try await reader.untilMark()
    #expect(reader.events.isEmpty)
    let first = try await house.reserve("ticket", 2).reservation?.reservationID ?? ""
    _ = try await house.consume(first, amount: 1, requestID: "c")
    _ = try await house.release(first)
    let second = try await house.reserve("ticket", ttl: 30).reservation
    house.clock.advance(31)
    try await reader.until(count: 5)
    #expect(
      reader.events.map(\.type) == [
        .reservationHeld, .reservationConsumed, .reservationReleased, .reservationHeld,
        .reservationExpired,
      ])
    #expect(reader.events.map(\.subject).prefix(3) == [first, first, first])
    #expect(
      zip(reader.events, reader.events.dropFirst()).allSatisfy { $1.sequence == $0.sequence + 1 })
    let last = try #require(reader.events.last)
    #expect(last.at == second?.expiresAt && last.actor == "cupo")
    #expect(last.movements.first?.held == -1 && last.balances.first?.held == 0)
    #expect(last.balances.first?.consumed == 1 && last.balances.first?.limit == 5)
    await house.close()
  }

  @Test func aTokenOutlivesTheServer() async throws {
    let first = try await house()
    var reader = try await Reader(first, request())
    try await reader.untilMark()
    _ = try await first.reserve("ticket")
    try await reader.until(count: 1)
    let missed = try await first.reserve("ticket").reservation
    await first.close()

    let second = try await House(clock: first.clock, store: first.store)
    let later = try await second.reserve("ticket").reservation
    var resumed = try await Reader(second, request(token: reader.token))
    try await resumed.until(count: 2)
    #expect(
      resumed.events.map(\.subject) == [missed?.reservationID, later?.reservationID])
    await second.close()
  }

  @Test func fromTheBeginningWithTypesAndSeller() async throws {
    let house = try await house()
    _ = try await house.reserve("ticket")
    var all = try await Reader(house, request(fromBeginning: true))
    try await all.untilMark()
    #expect(all.events.count == 7)
    #expect(all.events.first?.resource?.resourceID == "hall")
    #expect(all.events.filter { $0.product != nil }.count == 3)
    var held = try await Reader(house, request(types: [.reservationHeld], fromBeginning: true))
    try await held.untilMark()
    #expect(held.events == all.events.filter { $0.type == .reservationHeld })
    var own = try await Reader(house, request(seller: "sol", fromBeginning: true))
    try await own.untilMark()
    #expect(own.events == all.events)
    var others = try await Reader(house, request(seller: "mar", fromBeginning: true))
    try await others.untilMark()
    #expect(others.events.isEmpty && !others.token.isEmpty)
    await house.close()
  }

  @Test func tokensOfOthersAreInvalid() async throws {
    let house = try await house()
    var reader = try await Reader(house, request(types: [.reservationHeld]))
    try await reader.untilMark()
    var altered = reader.token
    altered[altered.count - 1] ^= 1
    for request in [
      request(token: reader.token),
      request(seller: "sol", types: [.reservationHeld], token: reader.token),
      request(types: [.reservationHeld], token: altered), request(token: [1, 2, 3]),
    ] {
      let error = try await told {
        var reader = try await Reader(house, request)
        _ = try await reader.next()
      }
      #expect(error.reason == "RESUME_TOKEN_INVALID" && error.code == .invalidArgument)
    }
    // Another store, though its log is as long.
    let other = try await House(
      store: .init(identity: StoreIdentity(namingKey: 99)))
    try await other.furnish()
    let error = try await told {
      var foreign = try await Reader(
        other, request(types: [.reservationHeld], token: reader.token))
      _ = try await foreign.next()
    }
    #expect(error.reason == "RESUME_TOKEN_INVALID")
    await other.close()
    await house.close()
  }

  @Test func aTokenOlderThanTheLogIsCompacted() async throws {
    let retention = EventRetention(maxAge: Interval(seconds: 100), everySeconds: 0.005)
    let house = try await house(retention: retention)
    var reader = try await Reader(house, request())
    try await reader.untilMark()
    _ = try await house.reserve("ticket")
    house.clock.advance(200)
    while house.engine.events.floor < 7 { try await Task.sleep(for: .milliseconds(2)) }
    let old = request(token: reader.token)
    let error = try await told {
      var late = try await Reader(house, old)
      _ = try await late.next()
    }
    #expect(error.reason == "RESUME_TOKEN_COMPACTED" && error.code == .outOfRange)
    // From the beginning is from the oldest that is left.
    _ = try await house.reserve("visit", slot: "2026-12-02")
    var oldest = try await Reader(house, request(fromBeginning: true))
    try await oldest.untilMark()
    #expect(oldest.events.last?.type == .reservationHeld)
    #expect(oldest.events.first?.sequence ?? 0 > 7)
    await house.close()
  }

  @Test func aReaderWhoDoesNotReadKeepsNobodyWaiting() async throws {
    let house = try await house()
    var slow = try await Reader(house, request(fromBeginning: true))
    for _ in 0..<300 {
      let id = try await house.reserve("ticket").reservation?.reservationID ?? ""
      _ = try await house.release(id)
    }
    // It comes for it later, and misses nothing.
    try await slow.until(count: 606)
    #expect(slow.events.map(\.sequence) == Array(1...606))
    await house.close()
  }

  @Test func aTriggerIsNamedAndItsLatchIsNobodysPool() async throws {
    let house = try await house()
    var seat = Product(id: "party", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    seat.pricingTriggers = [
      PricingTrigger(
        id: "busy", condition: .occupancyAtLeast(percent: 40), adjustmentBasisPoints: 500)
    ]
    _ = try await house.engine.execute(
      .putProduct(Command.PutProduct(product: seat, actor: "ana")))
    var reader = try await Reader(house, request(seller: "sol", types: [.pricingTriggerOn]))
    try await reader.untilMark()
    _ = try await house.reserve("party", 2)
    try await reader.until(count: 1)
    let event = try #require(reader.events.first)
    #expect(event.subject == "party" && event.triggerID == "busy" && event.product == nil)
    #expect(event.movements.map(\.resourceID) == ["hall"])
    #expect(event.balances.map(\.held) == [2])
    await house.close()
  }

  @Test func theStreamEndsWithTheServer() async throws {
    let house = try await house()
    var reader = try await Reader(house, request())
    try await reader.untilMark()
    house.engine.endSubscriptions()
    let error = try await told { while try await reader.next() != nil {} }
    #expect(error.reason == "SHUTTING_DOWN" && error.code == .unavailable)
    await house.close()
  }
}
