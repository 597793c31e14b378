internal import CupoSchema
internal import Protobuf
internal import RPC

/// FORMAT_SLOT: only the canonical spelling of a slot is taken. The server judges it, not the generated rules.
enum SlotRuleChecks {
  /// Wrong spellings of right instants, and wrong instants.
  static let wrong = [
    "2030-1-15", "2030-02-30", "20300115", "2030-01-15T10:30:00", "2030-01-15T10:30:00Z",
    "2030-01-15T10:30-05:00", "2030-01-15 10:30:00-05:00", "2030-01-15T10:30:00-00:00",
    "2030-01-15T10:30:00.0+00:00", "2030-01-15T24:00:00+00:00", "2030-01-15T10:30:60+00:00", "x",
  ]

  static func list() -> [ContractCheck] {
    wrong.flatMap { slot in
      [
        check(CapacityService.reserve, "lines[0].slot", slot) { run in
          run.request(run.fresh("none"), 1, slot: slot)
        },
        check(CapacityService.listReservations, "slot", slot) { run in
          var request = ListReservationsRequest()
          request.slot = slot
          return request
        },
        check(AvailabilityService.explainAvailability, "slot", slot) { run in
          var request = ExplainAvailabilityRequest()
          request.productID = run.fresh("none")
          request.slot = slot
          return request
        },
        check(AvailabilityService.batchGetAvailability, "checks[0].slot", slot) { run in
          var (request, one) = (BatchGetAvailabilityRequest(), AvailabilityCheck())
          one.productID = run.fresh("none")
          one.slot = slot
          request.checks = [one]
          return request
        },
        check(InventoryService.putResource, "resource.overrides[0].slots[0]", slot) { run in
          put(run) { resource in
            var (override, dates) = (DateOverride(), DateRange())
            dates.fromDate = "2030-01-01"
            dates.toDate = "2030-12-31"
            override.dates = dates
            override.slots = [slot]
            override.limit = ContractRun.limit(1)
            resource.overrides = [override]
          }
        },
        check(InventoryService.putResource, "resource.closures[0].slots[0]", slot) { run in
          put(run) { resource in
            var closure = Closure()
            closure.closureID = "closed"
            closure.reason = .vacation
            closure.slots = [slot]
            resource.closures = [closure]
          }
        },
      ]
    }
  }

  private static func put(
    _ run: ContractRun, _ change: (inout Resource) -> Void
  ) -> PutResourceRequest {
    var (request, resource) = (PutResourceRequest(), run.slots(run.fresh("slots"), units: 1))
    change(&resource)
    request.resource = resource
    return request
  }

  private static func check<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ field: String, _ slot: String,
    _ request: @escaping @Sendable (ContractRun) -> Q
  ) -> ContractCheck {
    ContractCheck(method.path, "rule: \(field) format, \"\(slot)\"") {
      (run) async throws(CheckFailure) in
      let answer = try await run.caller.refused(method, request(run), .slotMalformed)
      try expect(
        answer.fields.contains(field), "BadRequest names \(field)", got: answer.summary)
    }
  }
}
