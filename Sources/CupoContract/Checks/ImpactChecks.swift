internal import CupoSchema
internal import Protobuf
internal import RPC

/// What a Put says it does to what is reserved, and what stays to be seen of it.
enum ImpactChecks {
  static func list() -> [ContractCheck] {
    [
      ContractCheck(
        InventoryService.putResource.path, "validate_only: held and consumed are affected", resource
      ),
      ContractCheck(
        InventoryService.putProduct.path, "validate_only: other draws affect who has it", product),
      ContractCheck(
        AvailabilityService.getAvailability.path,
        "a booked slot that an edit removed is closed, with its bookings", removed),
    ]
  }

  private static func resource(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sellStock(10)
    try await run.consume(try await run.hold(product, 4).reservationID)
    _ = try await run.hold(product, 3)
    var request = PutResourceRequest()
    request.resource = run.stock(product, units: 5)
    request.validateOnly = true
    let impact = try await run.caller.ok(InventoryService.putResource, request).impact
    try expectEqual("impact.reservations_affected", impact?.reservationsAffected, 2)
    try expectEqual("impact.units_overcommitted", impact?.unitsOvercommitted, 2)
    try expectEqual("remaining", try await run.stockSlot(product).remaining, 3)
  }

  private static func product(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await run.sellStock(10)
    try await run.consume(try await run.hold(id, 1).reservationID)
    _ = try await run.hold(id, 1)
    var request = PutProductRequest()
    request.validateOnly = true
    var product = run.product(id, of: [id])
    request.product = product
    let same = try await run.caller.ok(InventoryService.putProduct, request).impact
    try expectEqual("reservations_affected by nothing", same?.reservationsAffected, 0)
    product.draws = [ContractRun.draw(id, units: 2)]
    request.product = product
    let other = try await run.caller.ok(InventoryService.putProduct, request).impact
    try expectEqual("reservations_affected by other draws", other?.reservationsAffected, 2)
  }

  private static func removed(_ run: ContractRun) async throws(CheckFailure) {
    let id = try await run.sell(run.slots(run.fresh("slots"), units: 4))
    let date = try await run.date(daysAhead: 7, of: id)
    let slot = "\(date)T11:00:00+00:00"
    try await run.consume(try await run.hold(id, 3, slot: slot).reservationID)
    var resource = run.slots(id, units: 4)
    if case .slots(var slots)? = resource.inventory {
      slots.windows[0].end = "11:00"
      resource.inventory = .slots(slots)
    }
    try await run.put(resource)
    let page = try await run.availability(id) { request in
      request.fromDate = date
      request.toDate = date
    }
    let found = page.slots.first { $0.slot == slot }
    try expectEqual("status", found?.status, .closed)
    try expectEqual("closed_reason", found?.closedReason, .noSlotAtTime)
    try expectEqual("consumed", found?.consumed, 3)
    try await run.caller.refused(
      CapacityService.reserve, run.request(id, 1, slot: slot), .noSlotAtTime)
  }
}
