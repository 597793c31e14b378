internal import CupoSchema
internal import Protobuf
internal import RPC

/// Reserve under the rules of the calendar: closures and sale windows.
enum SaleRuleChecks {
  static func list() -> [ContractCheck] {
    [
      check("CLOSED", .closed, metadata: nil) { resource, slot in
        var (closure, dates) = (Closure(), DateRange())
        dates.fromDate = slot
        dates.toDate = slot
        closure.closureID = "closed"
        closure.dates = dates
        closure.reason = .maintenance
        resource.closures = [closure]
      },
      check("NOT_YET_ON_SALE", .notYetOnSale, metadata: nil) { resource, _ in
        resource.saleWindow = window { $0.onSaleFrom = future }
      },
      check("SALE_ENDED", .saleEnded, metadata: nil) { resource, _ in
        resource.saleWindow = window { $0.onSaleUntil = past }
      },
      check("LEAD_TIME says the earliest", .leadTime, metadata: "earliest") { resource, _ in
        resource.saleWindow = window { $0.leadTime = ProtobufDuration(seconds: 40 * 86_400) }
      },
      check("CUTOFF_PASSED says when", .cutoffPassed, metadata: "cutoff_at") { resource, _ in
        resource.saleWindow = window {
          $0.cutoffTime = "12:00"
          $0.cutoffDaysBefore = 40
        }
      },
      check("BEYOND_HORIZON says the latest", .beyondHorizon, metadata: "latest") { resource, _ in
        resource.saleWindow = window { $0.horizonDays = 20 }
      },
    ]
  }

  /// Years that no test run will see.
  private static let past = ProtobufTimestamp(seconds: 946_684_800)
  private static let future = ProtobufTimestamp(seconds: 4_102_444_800)

  private static func window(_ change: (inout SaleWindow) -> Void) -> SaleWindow {
    var window = SaleWindow()
    change(&window)
    return window
  }

  /// Reserves the day in 30 days of a resource that `change` has given a rule for that day.
  private static func check(
    _ name: String, _ reason: ErrorReason, metadata: String?,
    _ change: @escaping @Sendable (inout Resource, String) -> Void
  ) -> ContractCheck {
    ContractCheck(CapacityService.reserve.path, "rule of the calendar: \(name)") {
      (run) async throws(CheckFailure) in
      let product = try await run.sell(run.days(run.fresh("days"), units: 3))
      let slot = try await run.date(daysAhead: 30, of: product)
      let hold = try await run.hold(product, 1, slot: slot)
      var resource = run.days(product, units: 3)
      change(&resource, slot)
      try await run.put(resource)
      let refusal = try await run.caller.refused(
        CapacityService.reserve, run.request(product, 1, slot: slot), reason)
      if let metadata {
        try expect(
          refusal.metadata(metadata)?.isEmpty == false, "metadata \(metadata)",
          got: refusal.summary)
      }
      try await agrees(product, slot, reason, run)
      // What is reserved stays valid, whatever a resource says later.
      try expectEqual(
        "state", try await run.consume(hold.reservationID).reservation?.state, .consumed)
    }
  }

  private static func agrees(
    _ product: String, _ slot: String, _ reason: ErrorReason, _ run: ContractRun
  ) async throws(CheckFailure) {
    let listed = try await run.availability(product) { $0.fromDate = slot }.slots.first
    try expectEqual("status in GetAvailability", listed?.status, .closed)
    try expectEqual("closed_reason in GetAvailability", listed?.closedReason, reason)
  }
}
