internal import CupoSchema
internal import Protobuf
internal import RPC

/// WatchAvailability: a snapshot, its end, then what changes.
enum WatchChecks {
  static func list() -> [ContractCheck] {
    let path = AvailabilityService.watchAvailability.path
    return [
      ContractCheck(path, "a snapshot, its end, and a delta for a Reserve", delta),
      ContractCheck(path, "an expiry is a delta too", expiry),
      ContractCheck(path, "goes on after a resume token", resume),
      ContractCheck(path, "watches all of a seller", seller),
      ContractCheck(path, "PRODUCT_NOT_FOUND", notFound),
      ContractCheck(path, "RESUME_TOKEN_INVALID", token),
    ]
  }

  /// A stream that is being read.
  private struct Reader {
    var messages: ResponseStream<WatchAvailabilityResponse>.Iterator

    init(
      _ run: ContractRun, _ change: (inout WatchAvailabilityRequest) -> Void
    ) async throws(CheckFailure) {
      var request = WatchAvailabilityRequest()
      change(&request)
      do throws(RPCError) {
        messages = try await run.caller.client.serverStreaming(
          AvailabilityService.watchAvailability, request, metadata: run.caller.target.metadata,
          timeout: .seconds(6)
        ).makeAsyncIterator()
      } catch {
        throw CheckFailure(expected: "a stream", got: ErrorAnswer(error).summary)
      }
    }

    mutating func next(_ what: String) async throws(CheckFailure) -> WatchAvailabilityResponse {
      do throws(RPCError) {
        if let message = try await messages.next() { return message }
        throw RPCError(code: .unknown, message: "the end of the stream")
      } catch {
        throw CheckFailure(expected: what, got: ErrorAnswer(error).summary)
      }
    }

    /// All slots of the snapshot; the token at its end.
    mutating func snapshot() async throws(CheckFailure) -> (
      slots: [SlotAvailability], token: [UInt8]
    ) {
      var slots: [SlotAvailability] = []
      while true {
        let message = try await next("SNAPSHOT or SNAPSHOT_END")
        switch message.kind {
        case .snapshot: slots += message.slots
        case .snapshotEnd:
          try expect(!message.resumeToken.isEmpty, "a resume_token at the end", got: "none")
          return (slots + message.slots, message.resumeToken)
        default: throw CheckFailure(expected: "SNAPSHOT or SNAPSHOT_END", got: "\(message.kind)")
        }
      }
    }

    /// The next slot of a delta for which `isWanted` holds; others may be missed or repeated.
    mutating func delta(
      _ what: String, _ isWanted: (SlotAvailability) -> Bool
    ) async throws(CheckFailure) -> (slot: SlotAvailability, token: [UInt8]) {
      while true {
        let message = try await next(what)
        guard [.delta, .progress].contains(message.kind) else {
          throw CheckFailure(expected: what, got: "\(message.kind)")
        }
        if let slot = message.slots.first(where: isWanted) { return (slot, message.resumeToken) }
      }
    }
  }

  private static func delta(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    var reader = try await Reader(run) { $0.productIDs = [product] }
    let first = try await reader.snapshot().slots
    try expectEqual("the products of the snapshot", first.map(\.productID), [product])
    try expectEqual("remaining", first.first?.remaining, 3)
    _ = try await run.hold(product, 2)
    let delta = try await reader.delta("a delta with 2 held") { $0.held == 2 }.slot
    try expectEqual("remaining", delta.remaining, 1)
    try expect(
      delta.revision > first.first?.revision ?? 0, "a revision above the snapshot's",
      got: "\(delta.revision)")
  }

  private static func expiry(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    var reader = try await Reader(run) { $0.productIDs = [product] }
    _ = try await reader.snapshot()
    _ = try await run.hold(product, 1, ttl: ProtobufDuration(seconds: 2))
    _ = try await reader.delta("a delta with 1 held") { $0.held == 1 }
    let back = try await reader.delta("a delta with none held") { $0.held == 0 }.slot
    try expectEqual("status", back.status, .available)
  }

  private static func resume(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    var reader = try await Reader(run) { $0.productIDs = [product] }
    let token = try await reader.snapshot().token
    _ = try await run.hold(product, 1)
    var second = try await Reader(run) {
      $0.productIDs = [product]
      $0.resumeToken = token
    }
    _ = try await second.delta("a delta with 1 held, and no snapshot") { $0.held == 1 }
  }

  private static func seller(_ run: ContractRun) async throws(CheckFailure) {
    var stock = run.stock(run.fresh("stock"), units: 3)
    stock.sellerID = run.fresh("seller")
    let product = try await run.sell(stock) { $0.sellerID = stock.sellerID }
    var reader = try await Reader(run) { $0.sellerID = stock.sellerID }
    try expectEqual(
      "the products of the snapshot", try await reader.snapshot().slots.map(\.productID),
      [product])
    _ = try await run.hold(product, 1)
    _ = try await reader.delta("a delta with 1 held") { $0.held == 1 }
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    var request = WatchAvailabilityRequest()
    request.productIDs = [run.fresh("none")]
    try await run.caller.refused(
      AvailabilityService.watchAvailability, request, .productNotFound)
  }

  private static func token(_ run: ContractRun) async throws(CheckFailure) {
    var request = WatchAvailabilityRequest()
    request.productIDs = [try await run.sellStock(1)]
    for token in [[UInt8](repeating: 0xff, count: 3), Array("nonsense".utf8)] {
      request.resumeToken = token
      try await run.caller.refused(
        AvailabilityService.watchAvailability, request, .resumeTokenInvalid)
    }
  }
}
