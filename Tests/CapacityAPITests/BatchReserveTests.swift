import Capacity
import CapacityEngine
import CupoClient
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import RPCSchema
import Testing

@testable import CapacityAPI

/// BatchReserve over loopback: outcomes, and what it does at its limits.
@Suite(.timeLimit(.minutes(5)))
struct BatchReserveTests {
  private func request(_ key: String, _ lines: [CupoSchema.Line]) -> ReserveRequest {
    var request = ReserveRequest()
    request.idempotencyKey = key
    request.lines = lines
    request.buyerID = "bea"
    return request
  }

  private func line(
    _ product: String, _ quantity: UInt32 = 1, slot: String = ""
  ) -> CupoSchema.Line {
    var line = CupoSchema.Line()
    line.productID = product
    line.quantity = quantity
    line.slot = slot
    return line
  }

  private func batch(
    _ requests: [ReserveRequest], _ house: House, language: String? = nil
  ) async throws -> [ReserveOutcome] {
    var metadata = Metadata()
    if let language { metadata.append("accept-language", language) }
    var request = BatchReserveRequest()
    request.requests = requests
    return try await house.client.unary(
      CapacityService.batchReserve, request, metadata: metadata
    ).outcomes
  }

  @Test func eachHasItsOutcome() async throws {
    let house = try await House()
    try await house.furnish()
    let outcomes = try await batch(
      [
        request("a", [line("ticket", 3)]), request("", [line("ticket")]),
        request("b", [line("ticket", 3)]), request("c", [line("nothing")]),
        request("a", [line("ticket", 3)]), request("a", [line("ticket", 2)]),
        request("d", [line("visit", slot: "24/12")]), request("e", [line("ticket", 2)]),
      ], house, language: "es")
    #expect(
      outcomes.map { $0.refusal?.reason } == [
        nil, .fieldViolation, .heldByOthers, .productNotFound, nil, .idempotencyKeyReused,
        .slotMalformed, nil,
      ])
    #expect(
      outcomes.map { $0.reserved?.replayed } == [false, nil, nil, nil, true, nil, nil, false])
    #expect(outcomes[0].reserved?.reservation == outcomes[4].reserved?.reservation)
    #expect(outcomes.allSatisfy { !$0.abridged })
    let error = CupoError(try #require(outcomes[2].refusal))
    #expect(error.code == .resourceExhausted && error.reason == .heldByOthers)
    #expect(error.localizedText == ErrorReason.heldByOthers.entry.textSpanish)
    #expect(error.preconditions.map(\.subject) == ["lines[0]"])
    await house.close()
  }

  @Test func aBatchOfNothingOrTooMuchIsRefused() async throws {
    let house = try await House()
    try await house.furnish()
    for count in [0, 1_001] {
      let requests = (0..<count).map { request("k\($0)", [line("ticket")]) }
      let error = try await told { _ = try await batch(requests, house) }
      #expect(error.reason == "FIELD_VIOLATION" && error.fields == ["requests"])
    }
    #expect(try await house.availability("ticket").slots.first?.held == 0)
    await house.close()
  }

  @Test func aFailureIsOneOfAllAndTheSameCallGoesOn() async throws {
    let house = try await House()
    try await house.furnish()
    let requests = (0..<4).map { request("k\($0)", [line("ticket")]) }
    house.faults.arm(.fail(Faults.full), at: .commit)
    let error = try await told { _ = try await batch(requests, house) }
    #expect(error.reason == "STORAGE_UNAVAILABLE" && error.retryAfter != nil)
    let outcomes = try await batch(requests, house)
    #expect(outcomes.allSatisfy { $0.reserved?.replayed == false })
    #expect(try await house.availability("ticket").slots.first?.held == 4)
    await house.close()
  }

  @Test func aBatchForWhichThereIsNoRoomIsOverload() async throws {
    let house = try await House(waitingMax: 10)
    try await house.furnish()
    let requests = (0..<11).map { request("k\($0)", [line("ticket")]) }
    let error = try await told { _ = try await batch(requests, house) }
    #expect(error.reason == "OVERLOADED")
    #expect(try await house.availability("ticket").slots.first?.held == 0)
    #expect(try await batch(Array(requests.prefix(10)), house).count == 10)
    await house.close()
  }

  // MARK: Size

  /// As long as the rules allow: 1,000 requests of 32 lines, and every text as long as it may be.
  private func largest(_ products: [String]) -> [ReserveRequest] {
    (0..<1_000).map { number in
      var lines = products.map { line($0, 1_000_000) }
      for index in lines.indices { lines[index].slot = "2026-12-24T10:30:00-05:00" }
      var request = request("\(number)".padded(64), lines)
      request.buyerID = "b".padded(64)
      request.reference = "r".padded(128)
      request.ttl = ProtobufDuration(seconds: 315_576_000_000, nanos: 999_999_999)
      return request
    }
  }

  @Test func whateverTheRulesAllowFitsIntoARequest() throws {
    var request = BatchReserveRequest()
    request.requests = largest(Array(repeating: "p".padded(64), count: 32))
    for index in request.requests.indices {
      for line in 0..<32 { request.requests[index].lines[line].slot = "s".padded(32) }
      #expect(request.requests[index].violations().map(\.field).allSatisfy { $0.hasSuffix("slot") })
    }
    #expect(request.violations().isEmpty)
    #expect(request.encoded().count < 4 * 1_024 * 1_024)
  }

  @Test func whatDoesNotFitIntoTheAnswerIsToldInShort() async throws {
    let house = try await House()
    let products = try await longNames(house)
    var requests = largest(products)
    for index in requests.indices {
      for line in 0..<32 {
        requests[index].lines[line].slot = ""
        requests[index].lines[line].quantity = 1
      }
    }
    let outcomes = try await batch(requests, house)
    let first = try #require(outcomes.firstIndex { $0.abridged })
    #expect(outcomes.indices.allSatisfy { outcomes[$0].abridged == ($0 >= first) })
    let whole = try #require(outcomes[0].reserved?.reservation)
    let short = try #require(outcomes[999].reserved?.reservation)
    #expect(whole.lines.count == 32 && whole.reference == "r".padded(128))
    #expect(short.lines.isEmpty && short.reference.isEmpty && short.state == .held)
    #expect(short.buyerID == "b".padded(64) && short.expiresAt != nil && short.version == 1)
    #expect(try await house.found(id: short.reservationID)?.lines.count == 32)
    try expectFilled(outcomes)
    await house.close()
  }

  @Test func errorsThatDoNotFitAreToldInShort() async throws {
    let house = try await House()
    // Each line of a stock with a slot is a violation and a precondition.
    let outcomes = try await batch(largest(try await longNames(house)), house)
    let short = try #require(outcomes.last?.refusal)
    #expect(outcomes.last?.abridged == true && outcomes.first?.abridged == false)
    #expect(short.reason == .slotMalformed && short.code == 3 && short.details.count == 1)
    let error = CupoError(short)
    #expect(error.reason == .slotMalformed && error.metadata["line"] == "0")
    #expect(error.fieldViolations.isEmpty)
    #expect(CupoError(try #require(outcomes.first?.refusal)).preconditions.count == 32)
    try expectFilled(outcomes)
    await house.close()
  }

  // The answer is below the limit, and nothing was told in short without need.
  private func expectFilled(_ outcomes: [ReserveOutcome]) throws {
    var response = BatchReserveResponse()
    response.outcomes = outcomes
    #expect(outcomes.count == 1_000)
    #expect(response.encoded().count <= BatchAnswer.bytesMax)
    #expect(response.encoded().count > BatchAnswer.bytesMax / 2)
    for outcome in outcomes where outcome.abridged {
      #expect(outcome.encoded().count <= BatchAnswer.abridgedBytesMax)
    }
  }

  // 32 products of one hall whose ids and sellers are as long as they may be.
  private func longNames(_ house: House) async throws -> [String] {
    let seller = "s".padded(64)
    try await house.put(
      Resource(id: "hall", sellerID: seller, inventory: .stock(total: .units(1_000_000))))
    let products = (0..<32).map { "p\($0)".padded(64) }
    for id in products {
      try await house.put(Product(id: id, sellerID: seller, draws: [Draw(resourceID: "hall")]))
    }
    return products
  }
}

extension String {
  fileprivate func padded(_ length: Int) -> String {
    self + String(repeating: "x", count: length - utf8.count)
  }
}

extension ReserveOutcome {
  fileprivate var reserved: ReserveResponse? {
    if case .reserved(let response)? = outcome { response } else { nil }
  }

  fileprivate var refusal: ReserveError? {
    if case .error(let error)? = outcome { error } else { nil }
  }
}
