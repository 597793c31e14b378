internal import CupoSchema
internal import Protobuf
internal import RPC

/// GetAvailability: every slot of a range, in pages, with the counts that Reserve decides by.
enum AvailabilityChecks {
  static func list() -> [ContractCheck] {
    let path = AvailabilityService.getAvailability.path
    return [
      ContractCheck(path, "one slot without a name for a stock", stock),
      ContractCheck(path, "every date of the range", days),
      ContractCheck(path, "every slot of the range, in order", slots),
      ContractCheck(path, "pages hold everything once", pages),
      ContractCheck(path, "PAGE_TOKEN_INVALID", pageToken),
      ContractCheck(path, "INSUFFICIENT is not SOLD_OUT", insufficient),
      ContractCheck(path, "the pools behind a slot", pools),
      ContractCheck(path, "a range that is backwards or too long is a violation", ranges),
      ContractCheck(path, "PRODUCT_NOT_FOUND", notFound),
    ]
  }

  private static func stock(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    let slot = try await run.stockSlot(product)
    try expectEqual("product_id", slot.productID, product)
    try expectEqual("slot", slot.slot, "")
    try expectEqual("status", slot.status, .available)
    try expectEqual("remaining", slot.remaining, 3)
    try expectEqual("capacity", slot.capacity, 3)
    try expect(slot.nextHoldExpiry == nil, "no next_hold_expiry", got: "one")
    let hold = try await run.hold(product, 1)
    try expectEqual(
      "next_hold_expiry", try await run.stockSlot(product).nextHoldExpiry, hold.expiresAt)
  }

  private static func days(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.days(run.fresh("days"), units: 3))
    var dates: [String] = []
    for day in Int64(40)..<47 { dates.append(try await run.date(daysAhead: day, of: product)) }
    let response = try await run.availability(product) {
      $0.fromDate = dates[0]
      $0.toDate = dates[6]
    }
    try expectEqual("the slots", response.slots.map(\.slot), dates)
    try expectEqual("time_zone", response.timeZone, "UTC")
    try expect(!response.tzdataVersion.isEmpty, "tzdata_version is set", got: "it is not")
  }

  private static func slots(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let date = try await run.date(daysAhead: 40, of: product)
    let response = try await run.availability(product) { $0.fromDate = date }
    try expectEqual(
      "the slots", response.slots.map(\.slot),
      ["09", "10", "11"].map { "\(date)T\($0):00:00+00:00" })
  }

  private static func pages(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let from = try await run.date(daysAhead: 40, of: product)
    let to = try await run.date(daysAhead: 42, of: product)
    let whole = try await run.availability(product) {
      $0.fromDate = from
      $0.toDate = to
    }
    var (found, token) = ([String](), "")
    for _ in 0..<5 {
      let page = try await run.availability(product) {
        $0.fromDate = from
        $0.toDate = to
        $0.pageSize = 4
        $0.pageToken = token
      }
      try expect(page.slots.count <= 4, "4 slots in a page", got: "\(page.slots.count)")
      found += page.slots.map(\.slot)
      token = page.nextPageToken
      if token.isEmpty { break }
    }
    try expectEqual("the slots of all pages", found, whole.slots.map(\.slot))
  }

  private static func pageToken(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    for token in ["x", "AAAA", "9999999999999999999999"] {
      var request = GetAvailabilityRequest()
      request.productID = product
      request.pageToken = token
      try await run.caller.refused(
        AvailabilityService.getAvailability, request, .pageTokenInvalid)
    }
  }

  private static func insufficient(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    try expectEqual(
      "status for 4 of 3", try await run.stockSlot(product, quantity: 4).status, .insufficient)
    try expectEqual(
      "status for 3 of 3", try await run.stockSlot(product, quantity: 3).status, .available)
    try await run.consume(try await run.hold(product, 3).reservationID)
    try expectEqual(
      "status of what is sold", try await run.stockSlot(product, quantity: 4).status, .soldOut)
  }

  private static func pools(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(3)
    _ = try await run.hold(product, 2)
    let slot = try await run.availability(product) { $0.withPools = true }.slots.first
    try expectEqual("how many pools", slot?.pools.count, 1)
    let pool = slot?.pools.first ?? PoolBalance()
    try expectEqual("resource_id", pool.resourceID, product)
    try expectEqual("limit", pool.limit, 3)
    try expectEqual("held", pool.held, 2)
    try expectEqual("consumed", pool.consumed, 0)
  }

  private static func ranges(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.days(run.fresh("days"), units: 3))
    for (from, to) in [("2030-01-02", "2030-01-01"), ("2030-01-01", "2031-01-02")] {
      var request = GetAvailabilityRequest()
      request.productID = product
      request.fromDate = from
      request.toDate = to
      let refusal = try await run.caller.refused(
        AvailabilityService.getAvailability, request, .fieldViolation)
      try expectEqual("BadRequest", refusal.fields, ["to_date"])
    }
    _ = try await run.availability(product) {
      $0.fromDate = "2030-01-01"
      $0.toDate = "2031-01-01"
    }
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    var request = GetAvailabilityRequest()
    request.productID = run.fresh("none")
    try await run.caller.refused(
      AvailabilityService.getAvailability, request, .productNotFound)
  }
}
