internal import CupoSchema
internal import Protobuf
internal import RPC

/// ListReservations: filters, order and pages.
enum ReservationListChecks {
  static func list() -> [ContractCheck] {
    let path = CapacityService.listReservations.path
    return [
      ContractCheck(path, "newest first, by every filter", filters),
      ContractCheck(path, "an expired hold is not shown as HELD", expired),
      ContractCheck(path, "pages join, whatever is reserved meanwhile", pages),
      ContractCheck(path, "PAGE_TOKEN_INVALID", tokens),
      ContractCheck(path, "SLOT_MALFORMED", slot),
    ]
  }

  private static func ids(
    _ run: ContractRun, _ change: (inout ListReservationsRequest) -> Void
  ) async throws(CheckFailure) -> [String] {
    var request = ListReservationsRequest()
    change(&request)
    var ids: [String] = []
    repeat {
      let page = try await run.caller.ok(CapacityService.listReservations, request)
      ids += page.reservations.map(\.reservationID)
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return ids
  }

  private static func hold(
    _ product: String, buyer: String, _ run: ContractRun
  ) async throws(CheckFailure) -> String {
    var request = run.request(product, 1)
    request.buyerID = buyer
    return try await run.reserve(request).reservation?.reservationID ?? ""
  }

  private static func filters(_ run: ContractRun) async throws(CheckFailure) {
    let (first, second) = (try await run.sellStock(5), try await run.sellStock(5))
    let (ana, bea) = (run.fresh("ana"), run.fresh("bea"))
    let a = try await hold(first, buyer: ana, run)
    let b = try await hold(second, buyer: ana, run)
    let c = try await hold(first, buyer: bea, run)
    try await run.consume(b)
    try expectEqual("by buyer", try await ids(run) { $0.buyerID = ana }, [b, a])
    try expectEqual("by product", try await ids(run) { $0.productID = first }, [c, a])
    let sold = try await ids(run) { request in
      request.buyerID = ana
      request.states = [.consumed, .cancelled]
    }
    try expectEqual("by buyer and state", sold, [b])
    let both = try await ids(run) { ($0.buyerID, $0.productID) = (bea, second) }
    try expectEqual("by buyer and product", both, [])
    let sellers = try await ids(run) { ($0.buyerID, $0.sellerID) = (bea, run.sellerID) }
    try expectEqual("by seller", sellers, [c])
    let none = try await ids(run) { ($0.buyerID, $0.sellerID) = (bea, run.fresh("nobody")) }
    try expectEqual("by another seller", none, [])
  }

  private static func expired(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(1)
    let id = try await ConsumeChecks.dead(product, run)
    let held = try await ids(run) { ($0.productID, $0.states) = (product, [.held]) }
    try expectEqual("HELD", held, [])
    let expired = try await ids(run) { ($0.productID, $0.states) = (product, [.expired]) }
    try expectEqual("EXPIRED", expired, [id])
  }

  private static func pages(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(20)
    let buyer = run.fresh("buyer")
    var made: [String] = []
    for _ in 0..<7 { made.insert(try await hold(product, buyer: buyer, run), at: 0) }
    for size in [UInt32(1), 3, 7, 500] {
      var request = ListReservationsRequest()
      (request.buyerID, request.pageSize) = (buyer, size)
      let page = try await run.caller.ok(CapacityService.listReservations, request)
      var found = page.reservations.map(\.reservationID)
      request.pageToken = page.nextPageToken
      _ = try await hold(product, buyer: buyer, run)
      while !request.pageToken.isEmpty {
        let page = try await run.caller.ok(CapacityService.listReservations, request)
        try expect(
          page.reservations.count <= Int(size), "at most \(size)",
          got: "\(page.reservations.count)")
        found += page.reservations.map(\.reservationID)
        request.pageToken = page.nextPageToken
      }
      try expectEqual("pages of \(size)", found, made)
      made = try await ids(run) { $0.buyerID = buyer }
    }
  }

  private static func tokens(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(5)
    let buyer = run.fresh("buyer")
    for _ in 0..<2 { _ = try await hold(product, buyer: buyer, run) }
    var request = ListReservationsRequest()
    (request.buyerID, request.pageSize) = (buyer, 1)
    let token = try await run.caller.ok(CapacityService.listReservations, request).nextPageToken
    for (owner, token) in [(run.fresh("other"), token), (buyer, "x"), (buyer, token + "0")] {
      (request.buyerID, request.pageToken) = (owner, token)
      try await run.caller.refused(
        CapacityService.listReservations, request, .pageTokenInvalid)
    }
  }

  private static func slot(_ run: ContractRun) async throws(CheckFailure) {
    var request = ListReservationsRequest()
    request.slot = "2026-02-30"
    let refusal = try await run.caller.refused(
      CapacityService.listReservations, request, .slotMalformed)
    try expectEqual("BadRequest", refusal.fields, ["slot"])
  }
}
