import CupoSchema
import Protobuf
import SeededRandom
import Testing

@Suite struct RoundTripTests {
  @Test func everyCaseComesBackAsItWent() throws {
    for one in ReserveRequest.violating(.example()) {
      #expect(
        try ReserveRequest(decoding: one.request.encoded().span) == one.request, "\(one.name)")
    }
    for one in PutResourceRequest.violating(.example()) {
      #expect(
        try PutResourceRequest(decoding: one.request.encoded().span) == one.request, "\(one.name)")
    }
  }

  @Test func everyMessageStartsEmpty() throws {
    for type in MessageTypes.all { try checkEmpty(type) }
  }

  private func checkEmpty<M: Message>(_ type: M.Type) throws {
    #expect(M().encoded().isEmpty, "\(M.fullName)")
    #expect(try M(decoding: [UInt8]().span) == M(), "\(M.fullName)")
  }

  /// Damaged messages of every type: no trap, no endless memory, and what is decoded encodes again.
  @Test func randomDamageIsContained() throws {
    let seed = Seed.value
    var random = SplitMix(seed: seed)
    let payloads = ContractCase.all().map(\.payload).filter { !$0.isEmpty && $0.count < 4096 }
    for type in MessageTypes.all {
      for _ in 0..<200 {
        var bytes = payloads.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let index = bytes.indices.randomElement(using: &random) ?? 0
          bytes[index] = .random(in: 0...255, using: &random)
        }
        try checkStable(type, bytes, seed)
      }
    }
  }

  private func checkStable<M: Message>(_ type: M.Type, _ bytes: [UInt8], _ seed: UInt64) throws {
    guard let decoded = try? M(decoding: bytes.span) else { return }
    let encoded = decoded.encoded()
    do throws(DecodingError) {
      let again = try M(decoding: encoded.span)
      #expect(again == decoded, "\(M.fullName), CUPO_SEED=\(seed), bytes \(bytes)")
    } catch {
      Issue.record("\(error), CUPO_SEED=\(seed), bytes \(bytes), encoded \(encoded)")
    }
  }

  /// Tags that spell a field's number in more bytes than it needs, the impossible number 0 among them.
  @Test(
    arguments: [
      [0x80, 0x00, 0x05], [0x82, 0x00, 0x01, 0x41], [0x80, 0x80, 0x80, 0x80, 0x10, 0x00],
      [0xf8, 0x80, 0x00, 0x05], [0x87, 0x80, 0x80, 0x00, 0x01],
    ] as [[UInt8]])
  func overlongTagsAreContained(bytes: [UInt8]) throws {
    try checkStable(ListReservationsResponse.self, bytes, 0)
    try checkStable(ReserveRequest.self, bytes, 0)
  }

  @Test func truncatedAtEveryByteNeverTraps() {
    var request = PutResourceRequest.example()
    request.resource?.inventory = .slots(Slots())
    let whole = request.encoded()
    for length in whole.indices {
      _ = try? PutResourceRequest(decoding: Array(whole.prefix(length)).span)
    }
  }

  @Test func unknownFieldsSurviveAtEveryDepth() throws {
    let unknown: [UInt8] = [0xfa, 0x3e, 0x03, 1, 2, 3]
    var request = ReserveRequest.example()
    request.unknownFields = unknown
    request.lines[0].unknownFields = unknown + unknown
    let decoded = try ReserveRequest(decoding: request.encoded().span)
    #expect(decoded == request)
    #expect(decoded.lines[0].unknownFields == unknown + unknown)
  }

  @Test func unknownEnumValuesSurvive() throws {
    var request = ListReservationsRequest()
    request.states = [.held, ReservationState(rawValue: 77), ReservationState(rawValue: -1)]
    let decoded = try ListReservationsRequest(decoding: request.encoded().span)
    #expect(decoded.states == request.states)
    #expect(decoded.states.map(\.description) == ["HELD", "77", "-1"])
  }

  @Test func repeatedNumbersArePackedOrNot() throws {
    // states = 4: HELD and CONSUMED, packed, one by one, and both ways at once.
    for bytes in [[0x22, 2, 1, 2], [0x20, 1, 0x20, 2], [0x22, 1, 1, 0x20, 2]] as [[UInt8]] {
      let decoded = try ListReservationsRequest(decoding: bytes.span)
      #expect(decoded.states == [.held, .consumed])
      #expect(decoded.encoded() == [0x22, 2, 1, 2])
    }
  }

  @Test func theLastOfAOneofWins() throws {
    let bytes: [UInt8] = [0x0a, 1, 0x61, 0x12, 1, 0x62]
    #expect(try GetReservationRequest(decoding: bytes.span).name == .code("b"))
    let other: [UInt8] = [0x12, 1, 0x62, 0x0a, 1, 0x61]
    #expect(try GetReservationRequest(decoding: other.span).name == .reservationID("a"))
  }

  /// The encoding's definition would merge the two; protobuf-c merges their strings and parts, but
  /// lets the later one's numbers win, the absent ones (zero) included. No encoder writes such
  /// messages.
  @Test func aSubmessageThatComesTwiceIsTheLaterOne() throws {
    // ttl = 3: {seconds: 5}, then {nanos: 7}.
    let decoded = try ReserveRequest(decoding: ([0x1a, 2, 8, 5, 0x1a, 2, 16, 7] as [UInt8]).span)
    #expect(decoded.ttl == ProtobufDuration(seconds: 0, nanos: 7))
  }

  @Test func stringsNameTheirField() {
    let bytes: [UInt8] = [0x12, 4, 0x0a, 2, 0x61, 0x00]
    #expect(
      throws: DecodingError(.invalidString, subject: "cupo.capacity.v1.Line.product_id")
    ) { try ReserveRequest(decoding: bytes.span) }
  }

  @Test func memoryIsBoundedWhateverTheMessageClaims() {
    // Two bytes of input ask for a SlotAvailability each: hundreds of bytes as a C struct.
    let bytes = [UInt8]((0..<(1 << 20)).flatMap { _ in [0x12, 0x00] as [UInt8] })
    #expect(
      throws: DecodingError(.tooLarge, subject: "cupo.capacity.v1.WatchAvailabilityResponse")
    ) { try WatchAvailabilityResponse(decoding: bytes.span) }
  }

  @Test func theLargestUsefulAnswerFits() throws {
    var slot = SlotAvailability()
    slot.productID = "boat"
    slot.slot = "2026-12-24T10:30:00-05:00"
    slot.status = .available
    var answer = GetAvailabilityResponse()
    answer.slots = Array(repeating: slot, count: 5000)
    #expect(try GetAvailabilityResponse(decoding: answer.encoded().span) == answer)
  }
}
