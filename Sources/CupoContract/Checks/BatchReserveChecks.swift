internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// BatchReserve: many requests at once, each with what Reserve would have answered.
enum BatchReserveChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.batchReserve.path
    return [
      ContractCheck(path, "one outcome for each request, in order", inOrder),
      ContractCheck(path, "1,000 requests", thousand),
      ContractCheck(path, "an outcome's error is what Reserve answers", sameErrors),
      ContractCheck(path, "sent again it holds nothing more", again),
      ContractCheck(path, "ownership: each request for itself", needsTokens: true, ownership),
    ]
  }

  private static func batch(
    _ requests: [ReserveRequest], _ caller: Caller
  ) async throws(CheckFailure) -> [ReserveOutcome] {
    var request = BatchReserveRequest()
    request.requests = requests
    let response = try await caller.ok(CapacityService.batchReserve, request)
    try expectEqual("how many outcomes", response.outcomes.count, requests.count)
    return response.outcomes
  }

  private static func inOrder(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(5)
    var nameless = run.request(stock, 1)
    nameless.idempotencyKey = ""
    let first = run.request(stock, 2)
    let outcomes = try await batch(
      [
        first, run.request(stock, 4), nameless, run.request(run.fresh("none"), 1), first,
        run.request(stock, 3),
      ], run.caller)
    try expectEqual(
      "the reasons", outcomes.map { $0.refusal?.reason },
      [nil, .heldByOthers, .fieldViolation, .productNotFound, nil, nil])
    try expectEqual(
      "the quantities", outcomes.map { $0.reserved?.reservation?.lines.first?.quantity },
      [2, nil, nil, nil, 2, 3])
    try expectEqual("replayed", outcomes[4].reserved?.replayed, true)
    try expectEqual(
      "the reservation of a repeated key", outcomes[4].reserved?.reservation?.reservationID,
      outcomes[0].reserved?.reservation?.reservationID)
    try await run.expectCount(stock, held: 5)
  }

  private static func thousand(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(900)
    let outcomes = try await batch((0..<1_000).map { _ in run.request(stock, 1) }, run.caller)
    try expectEqual(
      "what is held", outcomes.map { $0.reserved != nil }, (0..<1_000).map { $0 < 900 })
    let ids = outcomes.compactMap { $0.reserved?.reservation?.reservationID }
    try expectEqual("how many reservations", Set(ids).count, 900)
    try await run.expectCount(stock, held: 900)
  }

  private static func sameErrors(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(1)
    var nameless = run.request(stock, 0)
    nameless.idempotencyKey = ""
    for request in [
      nameless, run.request(stock, 2), run.request(run.fresh("none"), 1),
      run.request(stock, 1, slot: "24/12"),
    ] {
      let path = CapacityService.reserve.path
      guard
        case .error(let alone) = await run.caller.raw(
          path, body: Caller.frame(request.encoded()))
      else { throw CheckFailure(expected: "Reserve refuses it", got: "OK") }
      guard let error = try await batch([request], run.caller)[0].refusal else {
        throw CheckFailure(expected: ErrorAnswer(alone).summary, got: "no error")
      }
      let found = ErrorAnswer(error.rpcError)
      try expectEqual("the error", found.summary, ErrorAnswer(alone).summary)
      try expectEqual("its details", found.status?.details, ErrorAnswer(alone).status?.details)
      let faults = ErrorShape.faults(of: found, path: CapacityService.batchReserve.path)
      try expectEqual("faults of its shape", faults, [])
    }
  }

  private static func again(_ run: ContractRun) async throws(CheckFailure) {
    let stock = try await run.sellStock(10)
    let requests = (0..<3).map { _ in run.request(stock, 1) }
    let first = try await batch(requests, run.caller)
    let second = try await batch(requests, run.caller)
    try expectEqual("replayed", second.map { $0.reserved?.replayed }, [true, true, true])
    try expectEqual(
      "the reservations", second.map { $0.reserved?.reservation },
      first.map { $0.reserved?.reservation })
    try await run.expectCount(stock, held: 3)
  }

  private static func ownership(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let buyer = try await run.caller(bearing: world.owner(.buyer))
    var (own, foreign) = (run.request(world.id, 1), run.request(world.id, 1))
    own.buyerID = ""
    foreign.buyerID = run.fresh("other")
    let outcomes = try await batch([foreign, own], buyer)
    try expectEqual("another's", outcomes[0].refusal?.reason, .notOwner)
    try expectEqual("its own", outcomes[1].reserved?.reservation?.buyerID, world.buyerID)
    let checkout = try await run.caller(bearing: world.stranger(.checkout))
    let both = try await batch([own, foreign], checkout)
    try expectEqual("CHECKOUT for nobody", both[0].refusal?.reason, .fieldViolation)
    try expectEqual(
      "CHECKOUT for another", both[1].reserved?.reservation?.buyerID, foreign.buyerID)
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

extension ReserveError {
  /// The error that Reserve would have ended with.
  fileprivate var rpcError: RPCError {
    RPCError(
      code: StatusCode(rawValue: Int(code)) ?? .unknown, message: message, details: encoded())
  }
}

extension Answer {
  /// Of a batch of one request, what became of that.
  var onlyOutcome: Answer {
    // What is no such response is judged as it is.
    guard case .message(let bytes) = self,
      let response = try? BatchReserveResponse(decoding: bytes.span),
      let error = response.outcomes.first?.refusal
    else { return self }
    return .error(error.rpcError)
  }
}
