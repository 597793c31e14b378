internal import CupoSchema
internal import Protobuf
internal import RPC

/// What a caller who is held to its own sees and may do, beyond being let in or not.
enum OwnershipChecks {
  static func list() -> [ContractCheck] {
    func check(_ path: String, _ name: String, _ body: @escaping ContractCheck.Body)
      -> ContractCheck
    {
      ContractCheck(path, "ownership: \(name)", needsTokens: true, body)
    }
    return [
      check(CapacityService.reserve.path, "CHECKOUT must name a buyer", checkoutNames),
      check(CapacityService.reserve.path, "a BUYER reserves for itself", buyerReserves),
      check(CapacityService.getReservation.path, "a SELLER sees its own lines only", sellerLines),
      check(CapacityService.cancel.path, "a SELLER returns its own lines only", sellerCancels),
      check(CapacityService.listReservations.path, "each sees its own", lists),
      check(InventoryService.putResource.path, "no SELLER takes over another's", takeover),
      check(InventoryService.putProduct.path, "no SELLER draws on another's", foreignDraw),
      check(InventoryService.listResources.path, "a SELLER lists its own", ownResources),
      check(AvailabilityService.watchAvailability.path, "a BUYER names products", buyerWatches),
      check(AvailabilityService.watchAvailability.path, "a SELLER watches its own", sellerWatches),
      check(
        AvailabilityService.explainAvailability.path, "SELLER and SEARCH name no buyer", namesNobody
      ),
      check(EventService.watchEvents.path, "a SELLER is sent its own", sellerEvents),
    ]
  }

  private static func checkoutNames(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let checkout = try await run.caller(bearing: world.stranger(.checkout))
    var request = run.request(world.id, 1)
    request.buyerID = ""
    let refusal = try await checkout.refused(CapacityService.reserve, request, .fieldViolation)
    try expectEqual("BadRequest", refusal.fields, ["buyer_id"])
    request.buyerID = world.buyerID
    let response = try await checkout.ok(CapacityService.reserve, request)
    try expectEqual("buyer_id", response.reservation?.buyerID, world.buyerID)
  }

  private static func buyerReserves(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let buyer = try await run.caller(bearing: world.owner(.buyer))
    var request = run.request(world.id, 1)
    request.buyerID = ""
    let response = try await buyer.ok(CapacityService.reserve, request)
    try expectEqual("buyer_id", response.reservation?.buyerID, world.buyerID)
  }

  /// A consumed reservation with a line of each of two sellers.
  private static func shared(
    _ run: ContractRun
  ) async throws(CheckFailure) -> (first: AccessWorld, second: AccessWorld, id: String) {
    let (first, second) = (try await AccessWorld.make(run), try await AccessWorld.make(run))
    var request = run.request(first.id, 1)
    request.lines.append(ContractRun.line(second.id, 3))
    let id = try await run.reserve(request).reservation?.reservationID ?? ""
    try await run.consume(id)
    return (first, second, id)
  }

  private static func sellerLines(_ run: ContractRun) async throws(CheckFailure) {
    let (_, second, id) = try await shared(run)
    let seller = try await run.caller(bearing: second.owner(.seller))
    var request = GetReservationRequest()
    request.name = .reservationID(id)
    let lines = try await seller.ok(CapacityService.getReservation, request).reservation?.lines
    try expectEqual("products", lines?.map(\.productID), [second.id])
  }

  private static func sellerCancels(_ run: ContractRun) async throws(CheckFailure) {
    let (_, second, id) = try await shared(run)
    let seller = try await run.caller(bearing: second.owner(.seller))
    var request = CancelRequest()
    request.reservationID = id
    let response = try await seller.ok(CapacityService.cancel, request)
    try expectEqual("products", response.reservation?.lines.map(\.productID), [second.id])
    try expectEqual("sold of both lines", try await run.read(id).lines.map(\.consumed), [1, 0])
  }

  private static func lists(_ run: ContractRun) async throws(CheckFailure) {
    let (first, second, id) = try await shared(run)
    let seller = try await run.caller(bearing: second.owner(.seller))
    let request = ListReservationsRequest()
    let sold = try await seller.ok(CapacityService.listReservations, request).reservations
    try expectEqual(
      "of the seller", Set(sold.map(\.reservationID)), [id, second.reservationID])
    try expectEqual("its lines", Set(sold.flatMap(\.lines).map(\.productID)), [second.id])
    let buyer = try await run.caller(bearing: first.owner(.buyer))
    let held = try await buyer.ok(CapacityService.listReservations, request).reservations
    try expectEqual("of the buyer", held.map(\.reservationID), [first.reservationID])
  }

  private static func takeover(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let token = world.stranger(.seller)
    let stranger = try await run.caller(bearing: token)
    var request = PutResourceRequest()
    request.resource = run.stock(world.id, units: 1)
    request.resource?.sellerID = token.sellerIDs[0]
    try await stranger.refused(InventoryService.putResource, request, .notOwner)
  }

  private static func foreignDraw(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let token = world.stranger(.seller)
    let stranger = try await run.caller(bearing: token)
    var request = PutProductRequest()
    request.product = run.product(run.fresh("drain"), of: [world.id])
    request.product?.sellerID = token.sellerIDs[0]
    try await stranger.refused(InventoryService.putProduct, request, .notOwner)
  }

  private static func ownResources(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let seller = try await run.caller(bearing: world.owner(.seller))
    let response = try await seller.ok(InventoryService.listResources, ListResourcesRequest())
    try expectEqual("resources", response.resources.map(\.resourceID), [world.id])
  }

  private static func namesNobody(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    var request = ExplainAvailabilityRequest()
    request.productID = world.id
    request.buyerID = world.buyerID
    for role in [Role.seller, .search] {
      let caller = try await run.caller(bearing: world.owner(role))
      try await caller.refused(AvailabilityService.explainAvailability, request, .notOwner)
    }
  }

  // MARK: Streams

  private static func watch(
    _ caller: Caller, _ request: WatchAvailabilityRequest
  ) async -> Answer {
    let path = AvailabilityService.watchAvailability.path
    guard let sample = MethodSample.all.first(where: { $0.entry.path == path }) else {
      preconditionFailure("\(path) has no sample")
    }
    return await sample.send(caller, request.encoded())
  }

  private static func buyerWatches(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let buyer = try await run.caller(bearing: world.stranger(.buyer))
    let path = AvailabilityService.watchAvailability.path
    let nothing = await watch(buyer, WatchAvailabilityRequest())
    _ = try buyer.judge(nothing, path, [.fieldViolation], nil)
    var request = WatchAvailabilityRequest()
    request.productIDs = [world.id]
    let named = await watch(buyer, request)
    guard case .message = named else {
      throw CheckFailure(expected: "a BUYER watches what it names", got: named.summary)
    }
  }

  private static func sellerWatches(_ run: ContractRun) async throws(CheckFailure) {
    let world = try await AccessWorld.make(run)
    let seller = try await run.caller(bearing: world.owner(.seller))
    let answer = await watch(seller, WatchAvailabilityRequest())
    guard case .message(let bytes) = answer,
      let first = try? WatchAvailabilityResponse(decoding: bytes.span)
    else { throw CheckFailure(expected: "a snapshot", got: answer.summary) }
    try expectEqual("products", Set(first.slots.map(\.productID)), [world.id])
  }

  private static func sellerEvents(_ run: ContractRun) async throws(CheckFailure) {
    let (_, second, _) = try await shared(run)
    let seller = try await run.caller(bearing: second.owner(.seller))
    var request = WatchEventsRequest()
    request.fromBeginning = true
    let path = EventService.watchEvents.path
    guard let sample = MethodSample.all.first(where: { $0.entry.path == path }) else {
      preconditionFailure("\(path) has no sample")
    }
    let answer = await sample.send(seller, request.encoded())
    guard case .message(let bytes) = answer,
      let first = try? WatchEventsResponse(decoding: bytes.span), !first.events.isEmpty
    else { throw CheckFailure(expected: "the seller's events", got: answer.summary) }
    let lines = first.events.compactMap(\.reservation).flatMap(\.lines)
    let owners = lines.map(\.sellerID) + first.events.compactMap { $0.resource?.sellerID }
    try expectEqual("whose", Set(owners), [second.sellerID])
  }
}
