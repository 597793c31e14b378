import Capacity
import CapacityEngine
import CupoSchema
import Identity
import Protobuf
import RPC
import SeededRandom
import Testing

@testable import CapacityAPI

/// Whatever is done, and however time goes by: who is answered from what is known is told what a reading says.
@Suite(.timeLimit(.minutes(5)))
struct KnownAnswerWalkTests {
  private static let acts = 400
  private static let questionsPerAct = 3

  @Test func whatIsKnownIsWhatIsRead() async throws {
    var random = SplitMix("known answers")
    let house = try await House(
      identification: FixedIdentification(Principal(subject: "eye", roles: RoleSet(.search))))
    try await furnish(house)
    let (server, reader) = try await beside(house)
    var seller = Seller(house: house, random: random)
    for act in 0..<Self.acts {
      try await seller.act()
      try await edit(house, &random)
      for _ in 0..<Self.questionsPerAct {
        let difference = try await difference(house, reader, &random)
        try #require(difference == nil, "act \(act): \(difference ?? "")")
      }
    }
    await reader.close()
    await server.drain(within: .seconds(1))
    await house.close()
  }

  // The same engine, and no answer is kept.
  private func beside(_ house: House) async throws -> (Server, Client) {
    let services = CapacityAPI.services(
      engine: house.engine, access: house.access, tzdataVersion: "test",
      clock: { house.clock.now }, zone: { _ in .utc }, answerBytesMax: 0)
    let server = try await Server.start(ServerConfiguration(), services)
    return (
      server, try await Client.connect(host: server.address.host, port: server.address.port)
    )
  }

  // MARK: What is sold

  private func furnish(_ house: House) async throws {
    try await house.furnish()
    try await house.putTurns()
    try await putTrip(house, threshold: 50, leadMinutes: 30)
    try await putTour(house, budget: house.clock.now + Interval(seconds: 90))
  }

  // A seat, a day's quota and a shelf at once, with triggers of each kind.
  private func putTrip(_ house: House, threshold: Int, leadMinutes: Int64) async throws {
    var shelf = Capacity.Resource(
      id: "shelf", sellerID: "sol", inventory: .stock(total: .units(40)))
    shelf.closures = [
      Capacity.Closure(
        id: "c", dates: DateRange(from: try day("2026-12-03"), to: try day("2026-12-03")),
        reason: .blackout)
    ]
    try await house.put(shelf)
    var quota = Capacity.Resource(
      id: "quota", sellerID: "sol",
      inventory: .daily(Capacity.DailyCapacity(defaultLimit: .units(9))))
    quota.saleWindow = Capacity.SaleWindow(horizonDays: 3)
    quota.saleWindow?.leadTime = Interval(seconds: leadMinutes * 60)
    try await house.put(quota)
    var trip = Capacity.Product(
      id: "trip", sellerID: "sol",
      draws: ["turns", "quota", "shelf"].map { Capacity.Draw(resourceID: $0) })
    trip.pricingTriggers = [
      Capacity.PricingTrigger(
        id: "busy", condition: .occupancyAtLeast(percent: threshold), adjustmentBasisPoints: 100),
      Capacity.PricingTrigger(
        id: "late", condition: .daysBefore(atMost: 2), adjustmentBasisPoints: 50),
    ]
    try await house.put(trip)
  }

  // More may be sold until `budget`.
  private func putTour(_ house: House, budget: Instant) async throws {
    var quota = Capacity.Resource(
      id: "boats", sellerID: "sol",
      inventory: .daily(Capacity.DailyCapacity(defaultLimit: .units(2))))
    quota.overbooking = Capacity.OverbookingBudget(
      units: 1, reason: "fair", approvedBy: "ana", until: budget)
    try await house.put(quota)
    try await house.put(
      Capacity.Product(id: "boat", sellerID: "sol", draws: [Capacity.Draw(resourceID: "boats")]))
  }

  private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

  private func edit(_ house: House, _ random: inout SplitMix) async throws {
    switch Int.random(in: 0..<60, using: &random) {
    case 0:
      try await putTrip(
        house, threshold: Int.random(in: 1...60, using: &random),
        leadMinutes: Int64.random(in: 0...90, using: &random))
    case 1:
      let seconds = Int64.random(in: 1..<60, using: &random)
      try await putTour(house, budget: house.clock.now + Interval(seconds: seconds))
    case 2:
      house.clock.advance(12 * 3_600)
    // Back; decisions stay where they are.
    case 3: house.clock.advance(-Int64.random(in: 1..<40, using: &random))
    case 4..<18:
      let day = Int.random(in: 1...5, using: &random)
      let hour = Int.random(in: 12...19, using: &random)
      let slot = "2026-12-0\(day)T\(hour):30:00+00:00"
      // What cannot be sold is refused.
      _ = try? await house.engine.execute(
        .reserve(
          Command.Reserve(
            key: IdempotencyKey(buyerID: "bea", key: "t\(random.next())"),
            lines: [
              Command.RequestedLine(productID: "trip", slot: slot, quantity: 1)
            ], ttl: Interval(seconds: Int64.random(in: 5..<90, using: &random)), reference: "",
            actor: "bea")))
    default: break
    }
  }

  // MARK: What is asked

  // What both say where they say different things.
  private func difference(
    _ house: House, _ reader: Client, _ random: inout SplitMix
  ) async throws -> String? {
    let product = ["ticket", "visit", "seat", "turn", "trip", "boat"].randomElement(using: &random)
    let (from, to) =
      [
        ("", ""), ("", "2026-12-09"), ("2026-12-01", "2026-12-01"), ("2026-12-02", "2026-12-03"),
      ].randomElement(using: &random) ?? ("", "")
    let before = house.clock.now
    if Bool.random(using: &random) {
      var request = GetCalendarRequest()
      (request.productID, request.fromDate, request.toDate) = (product ?? "", from, to)
      let known = await asked(house.client, AvailabilityService.getCalendar, request)
      let read = await asked(reader, AvailabilityService.getCalendar, request)
      return compare(request, known, read, before)
    }
    var request = GetAvailabilityRequest()
    (request.productID, request.fromDate, request.toDate) = (product ?? "", from, to)
    request.withPools = product == "trip"
    request.pageSize = product == "turn" ? 20 : 0
    let known = await asked(house.client, AvailabilityService.getAvailability, request)
    let read = await asked(reader, AvailabilityService.getAvailability, request)
    return compare(request, known, read, before)
  }

  private func asked<Q: Message, R: DatedResponse>(
    _ client: Client, _ method: Method<Q, R>, _ request: Q
  ) async -> Result<R, RPCError> {
    do throws(RPCError) {
      return .success(try await client.unary(method, request))
    } catch {
      return .failure(error)
    }
  }

  private func compare<Q: Message, R: DatedResponse>(
    _ request: Q, _ known: Result<R, RPCError>, _ read: Result<R, RPCError>, _ now: Instant
  ) -> String? {
    switch (known, read) {
    case (.failure(let known), .failure(let read)):
      return known.code == read.code ? nil : "\(request): \(known) and \(read)"
    case (.success(var known), .success(var read)):
      let (first, second) = (known.asOf, read.asOf)
      (known.asOf, read.asOf) = (nil, nil)
      guard let first, let second, first.seconds <= second.seconds else {
        return "\(request): \(String(describing: first)) is behind \(String(describing: second))"
      }
      return known == read ? nil : "\(request): \(known) and \(read)"
    default: return "\(request): \(known) and \(read)"
    }
  }
}
