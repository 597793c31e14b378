import CupoSchema
import Protobuf
import Testing

/// The generated validation against the generated cases: every rule is broken once, alone, and
/// named.
@Suite struct RuleTests {
  private func check<Request: Message>(
    _ request: Request.Type, _ example: Request, _ cases: [ViolatingCase<Request>],
    _ violations: (Request) -> [FieldViolation]
  ) {
    #expect(violations(example).isEmpty, "\(Request.fullName)")
    for one in cases {
      let expected = FieldViolation(
        field: one.field, description: one.description, isSlot: one.rule == .slot)
      #expect(violations(one.request) == [expected], "\(Request.fullName): \(one.name)")
    }
    #expect(Set(cases.map(\.name)).count == cases.count, "\(Request.fullName)")
  }

  @Test func everyRuleOfEveryRequest() {
    check(AdjustStockRequest.self, .example(), AdjustStockRequest.violating(.example())) {
      $0.violations()
    }
    check(
      BatchGetAvailabilityRequest.self, .example(),
      BatchGetAvailabilityRequest.violating(.example())
    ) { $0.violations() }
    check(CancelRequest.self, .example(), CancelRequest.violating(.example())) { $0.violations() }
    check(ConsumeRequest.self, .example(), ConsumeRequest.violating(.example())) { $0.violations() }
    check(
      ExplainAvailabilityRequest.self, .example(), ExplainAvailabilityRequest.violating(.example())
    ) { $0.violations() }
    check(ExtendRequest.self, .example(), ExtendRequest.violating(.example())) { $0.violations() }
    check(GetAvailabilityRequest.self, .example(), GetAvailabilityRequest.violating(.example())) {
      $0.violations()
    }
    check(GetCalendarRequest.self, .example(), GetCalendarRequest.violating(.example())) {
      $0.violations()
    }
    check(GetProductRequest.self, .example(), GetProductRequest.violating(.example())) {
      $0.violations()
    }
    check(GetReservationRequest.self, .example(), GetReservationRequest.violating(.example())) {
      $0.violations()
    }
    check(GetResourceRequest.self, .example(), GetResourceRequest.violating(.example())) {
      $0.violations()
    }
    check(ListProductsRequest.self, .example(), ListProductsRequest.violating(.example())) {
      $0.violations()
    }
    check(ListReservationsRequest.self, .example(), ListReservationsRequest.violating(.example())) {
      $0.violations()
    }
    check(ListResourcesRequest.self, .example(), ListResourcesRequest.violating(.example())) {
      $0.violations()
    }
    check(PutProductRequest.self, .example(), PutProductRequest.violating(.example())) {
      $0.violations()
    }
    check(PutResourceRequest.self, .example(), PutResourceRequest.violating(.example())) {
      $0.violations()
    }
    check(ReleaseRequest.self, .example(), ReleaseRequest.violating(.example())) { $0.violations() }
    check(ReserveRequest.self, .example(), ReserveRequest.violating(.example())) { $0.violations() }
    check(SetPauseRequest.self, .example(), SetPauseRequest.violating(.example())) {
      $0.violations()
    }
    check(WatchAvailabilityRequest.self, .example(), WatchAvailabilityRequest.violating(.example()))
    { $0.violations() }
    check(WatchEventsRequest.self, .example(), WatchEventsRequest.violating(.example())) {
      $0.violations()
    }
  }

  @Test func allViolationsComeInOneAnswer() {
    var request = ReserveRequest()
    request.lines = [Line(), Line()]
    request.lines[1].productID = "a b"
    request.ttl = ProtobufDuration(seconds: -1)
    request.reference = String(repeating: "x", count: 129)
    #expect(
      request.violations().map(\.field) == [
        "idempotency_key", "lines[0].product_id", "lines[0].quantity", "lines[1].product_id",
        "lines[1].quantity", "ttl", "reference",
      ])
  }

  @Test func elementsBeyondTheLimitAreNotLookedAt() {
    var request = ReserveRequest.example()
    request.lines = Array(repeating: Line(), count: 5000)
    let violations = request.violations()
    #expect(
      violations.first
        == FieldViolation(field: "lines", description: "Must have at most 32 elements."))
    #expect(violations.count == 1 + 64)
  }

  @Test func answersAreBounded() {
    var request = BatchGetAvailabilityRequest.example()
    request.checks = Array(repeating: AvailabilityCheck(), count: 500)
    #expect(request.violations().count == Violations.max)
  }

  @Test func slotsAreMarkedForTheyHaveAReasonOfTheirOwn() {
    var request = ReserveRequest.example()
    request.lines[0].slot = "not a slot"
    #expect(request.violations().map(\.field) == ["lines[0].slot"])
    #expect(request.violations().map(\.isSlot) == [true])
    request.lines[0].slot = String(repeating: "a", count: 33)
    #expect(request.violations().map(\.isSlot) == [false])
  }

  @Test func contractCasesCoverEveryMethod() {
    let cases = ContractCase.all()
    let covered = Set(cases.map(\.path))
    for entry in MethodEntry.all where !covered.contains(entry.path) {
      Issue.record("no case for \(entry.path)")
    }
    #expect(Set(cases).count == cases.count)
  }
}
