import Capacity
import Testing

/// The sale rules, one row a case (SYSTEM.md sections 3, 5 and 7).
struct EvaluatorTests {
  private static let slot = "2026-12-24T10:00:00+00:00"

  /// A bus at 10:00 and 11:00 with ten seats; the rows change one thing each.
  private static func bus(_ change: (inout Resource) -> Void = { _ in }) -> Resource {
    var resource = slots("bus", window("10:00", "12:00"))
    change(&resource)
    return resource
  }

  private static let christmas = DateRange(from: date("2026-12-24"), to: date("2026-12-25"))

  private struct Row {
    var name: String
    var now = "2026-12-01T12:00:00"
    var slot = EvaluatorTests.slot
    var quantity: Int64 = 1
    var bus = EvaluatorTests.bus()
    var limits = PurchaseLimits()
    var isProductPaused = false
    var product = "seat"
    var outcome: Obstacle.Kind?
  }

  private static let saleWindow = SaleWindow(
    leadTime: Interval(seconds: 3600), cutoffTime: ClockTime("18:00"), cutoffDaysBefore: 1,
    horizonDays: 30, onSaleFrom: instant("2026-11-25T00:00:00"),
    onSaleUntil: instant("2026-12-24T09:30:00"))

  private static func with(_ window: SaleWindow) -> Resource { bus { $0.saleWindow = window } }

  private static let rules: [Row] = [
    Row(name: "free", outcome: nil),
    Row(name: "malformed", slot: "2026-12-24", outcome: .slotMalformed),
    Row(name: "no product", product: "train", outcome: .productNotFound),
    Row(name: "no slot", slot: "2026-12-24T10:30:00+00:00", outcome: .noSlotAtTime),
    Row(name: "just before the start", now: "2026-12-24T09:59:59", outcome: nil),
    Row(name: "at the start", now: "2026-12-24T10:00:00", outcome: .slotPast),
    Row(name: "paused", bus: bus { $0.paused = true }, outcome: .paused),
    Row(name: "product paused", isProductPaused: true, outcome: .paused),
    Row(
      name: "closed",
      bus: bus { $0.closures = [Closure(id: "x", dates: christmas, reason: .blackout)] },
      outcome: .closed(.blackout)),
    Row(
      name: "on sale from", now: "2026-11-24T23:59:59",
      bus: with(SaleWindow(onSaleFrom: instant("2026-11-25T00:00:00"))), outcome: .notYetOnSale),
    Row(
      name: "on sale", now: "2026-11-25T00:00:00",
      bus: with(SaleWindow(onSaleFrom: instant("2026-11-25T00:00:00"))), outcome: nil),
    Row(
      name: "sale ended", now: "2026-12-20T00:00:00",
      bus: with(SaleWindow(onSaleUntil: instant("2026-12-20T00:00:00"))),
      outcome: .saleEnded(at: instant("2026-12-20T00:00:00"))),
    Row(
      name: "lead time is still enough", now: "2026-12-24T09:00:00",
      bus: with(SaleWindow(leadTime: Interval(seconds: 3600))), outcome: nil),
    Row(
      name: "lead time", now: "2026-12-24T09:00:01",
      bus: with(SaleWindow(leadTime: Interval(seconds: 3600))),
      outcome: .leadTime(earliest: instant("2026-12-24T10:00:01"))),
    Row(
      name: "cutoff", now: "2026-12-23T18:00:00",
      bus: with(SaleWindow(cutoffTime: ClockTime("18:00"), cutoffDaysBefore: 1)),
      outcome: .cutoffPassed(at: instant("2026-12-23T18:00:00"))),
    Row(
      name: "before the cutoff", now: "2026-12-23T17:59:59",
      bus: with(SaleWindow(cutoffTime: ClockTime("18:00"), cutoffDaysBefore: 1)), outcome: nil),
    Row(
      name: "horizon", now: "2026-12-20T23:59:59", bus: with(SaleWindow(horizonDays: 3)),
      outcome: .beyondHorizon(latest: date("2026-12-23"))),
    Row(
      name: "within the horizon", now: "2026-12-21T00:00:00", bus: with(SaleWindow(horizonDays: 3)),
      outcome: nil),
    Row(
      name: "too few", quantity: 1, limits: PurchaseLimits(minQuantity: 2, maxQuantity: 4),
      outcome: .belowMinQuantity(2)),
    Row(
      name: "too many", quantity: 5, limits: PurchaseLimits(minQuantity: 2, maxQuantity: 4),
      outcome: .aboveMaxQuantity(4)),
    Row(
      name: "a season's window is stronger", now: "2026-12-20T00:00:00",
      bus: bus {
        $0.saleWindow = SaleWindow(horizonDays: 1)
        $0.seasons = [Season(id: "s", dates: christmas, saleWindow: SaleWindow(horizonDays: 9))]
      }, outcome: nil),
    Row(
      name: "more than there is", quantity: 11,
      outcome: .insufficientCapacity(requested: 11, available: 10)),
    // Precedence: everything that comes later in section 7 blocks as well.
    Row(
      name: "past first", now: "2026-12-24T10:00:00",
      bus: bus {
        $0.paused = true
        $0.saleWindow = saleWindow
        $0.closures = [Closure(id: "x", dates: christmas, reason: .vacation)]
      }, outcome: .slotPast),
    Row(
      name: "paused before closed", now: "2026-12-24T09:45:00",
      bus: bus {
        $0.paused = true
        $0.saleWindow = saleWindow
        $0.closures = [Closure(id: "x", dates: christmas, reason: .vacation)]
      }, outcome: .paused),
    Row(
      name: "closed before on sale", now: "2026-12-24T09:45:00",
      bus: bus {
        $0.saleWindow = saleWindow
        $0.closures = [Closure(id: "x", dates: christmas, reason: .vacation)]
      }, outcome: .closed(.vacation)),
    Row(
      name: "sale window before lead time", now: "2026-12-24T09:45:00", bus: with(saleWindow),
      outcome: .saleEnded(at: instant("2026-12-24T09:30:00"))),
    Row(
      name: "lead time before cutoff", now: "2026-12-24T09:15:00", quantity: 99,
      bus: with(saleWindow),
      limits: PurchaseLimits(maxQuantity: 5),
      outcome: .leadTime(earliest: instant("2026-12-24T10:15:00"))),
    Row(
      name: "cutoff before quantity", now: "2026-12-23T19:00:00", quantity: 99,
      bus: with(saleWindow),
      limits: PurchaseLimits(maxQuantity: 5),
      outcome: .cutoffPassed(at: instant("2026-12-23T18:00:00"))),
    Row(
      name: "not yet on sale before horizon", now: "2026-11-20T00:00:00", quantity: 99,
      bus: with(saleWindow), outcome: .notYetOnSale),
    Row(
      name: "quantity before scarcity", quantity: 99, limits: PurchaseLimits(maxQuantity: 5),
      outcome: .aboveMaxQuantity(5)),
  ]

  @Test func rules() {
    var reached: Set<Int> = []
    for row in EvaluatorTests.rules {
      var desk = Desk(at: row.now)
      desk.put(row.bus)
      var seat = product("seat", Draw(resourceID: "bus"))
      seat.limits = row.limits
      seat.paused = row.isProductPaused
      desk.put(seat)
      let answer = desk.availability(row.product, row.slot, quantity: row.quantity)
      let outcome = desk.reserve(line(row.product, row.quantity, slot: row.slot))
      #expect(outcome.obstacle == row.outcome, "\(row.name)")
      #expect((outcome.reservation != nil) == (row.outcome == nil), "\(row.name)")
      // What is listed is what can be reserved.
      if let answer {
        #expect(answer.isSellable == (row.outcome == nil), "\(row.name)")
        #expect(answer.obstacles.first?.kind == row.outcome, "\(row.name)")
      }
      if let kind = row.outcome { reached.insert(Obstacle(kind, subject: "").rank) }
    }
    // Sold out and held by others are the next test's, the buyer's limit a later version's.
    #expect(Set(0...16).subtracting(reached) == [13, 14, 16])
  }

  @Test func boundariesAreWhereAnswersChange() {
    var desk = Desk(at: "2026-11-01T00:00:00")
    desk.put(EvaluatorTests.with(EvaluatorTests.saleWindow))
    desk.put(product("seat", Draw(resourceID: "bus")))
    var changes: [Instant] = []
    var last = desk.availability("seat", EvaluatorTests.slot)?.obstacles.map(\.rank)
    while let boundary = nextBoundary(desk), boundary < instant("2026-12-31T00:00:00") {
      desk.now = boundary - Interval(microseconds: 1)
      #expect(desk.availability("seat", EvaluatorTests.slot)?.obstacles.map(\.rank) == last)
      desk.now = boundary
      last = desk.availability("seat", EvaluatorTests.slot)?.obstacles.map(\.rank)
      changes.append(boundary)
    }
    #expect(
      changes == [
        instant("2026-11-24T00:00:00"),  // horizon
        instant("2026-11-25T00:00:00"),  // on sale
        instant("2026-12-23T18:00:00"),  // cutoff
        instant("2026-12-24T09:00:00") + Interval(microseconds: 1),  // lead time
        instant("2026-12-24T09:30:00"),  // sale ends
        instant("2026-12-24T10:00:00"),  // past
      ])
  }

  @Test func theRevisionGrowsWithEveryChange() throws {
    var desk = Desk(at: "2026-11-01T00:00:00")
    desk.put(EvaluatorTests.with(EvaluatorTests.saleWindow))
    desk.put(slots("van", window("10:00", "12:00")))
    desk.put(product("seat", Draw(resourceID: "bus")))
    var last: UInt64 = 0
    func grows(_ desk: inout Desk) -> Bool {
      let revision = desk.availability("seat", EvaluatorTests.slot)?.revision ?? 0
      defer { last = revision }
      return revision > last
    }
    #expect(grows(&desk))
    for day in 20...28 {
      desk.now = instant("2026-11-\(day)T00:00:00")
      // The horizon on the 24th, the sale on the 25th.
      #expect(grows(&desk) == (day == 24 || day == 25), "\(day)")
    }
    for _ in 0..<5 {
      desk.reserve(line("seat", slot: EvaluatorTests.slot))
      #expect(grows(&desk))
    }
    desk.put(product("seat", Draw(resourceID: "van")))
    #expect(grows(&desk))
    desk.put(product("seat", Draw(resourceID: "bus")))
    #expect(grows(&desk))
    desk.put(EvaluatorTests.bus())
    #expect(grows(&desk))
  }

  private func nextBoundary(_ desk: Desk) -> Instant? {
    let found = SlotPlan.find(
      productID: "seat", slotID: EvaluatorTests.slot, in: desk.set.catalogue, at: desk.now)
    guard case .plan(let plan) = found else { return nil }
    return Evaluator(plan, at: desk.now).nextBoundary()
  }

  private struct Scarcity {
    var limit: Limit
    var held: Int64
    var consumed: Int64
    var quantity: Int64
    var units: Int64 = 1
    var threshold = 0
    var remaining: Int64
    var status: Availability.Status
    var outcome: Obstacle.Kind?
  }

  private static let expiry = instant("2026-12-01T12:15:00")

  private static let scarcity: [Scarcity] = [
    Scarcity(
      limit: .units(10), held: 0, consumed: 0, quantity: 10, remaining: 10, status: .available),
    Scarcity(
      limit: .units(10), held: 4, consumed: 5, quantity: 1, remaining: 1, status: .available),
    Scarcity(
      limit: .units(10), held: 4, consumed: 4, quantity: 1, threshold: 20, remaining: 2,
      status: .limited),
    Scarcity(
      limit: .units(10), held: 4, consumed: 3, quantity: 1, threshold: 20, remaining: 3,
      status: .available),
    Scarcity(
      limit: .units(10), held: 0, consumed: 0, quantity: 11, remaining: 10, status: .insufficient,
      outcome: .insufficientCapacity(requested: 11, available: 10)),
    Scarcity(
      limit: .units(10), held: 5, consumed: 3, quantity: 3, remaining: 2, status: .insufficient,
      outcome: .heldByOthers(nextExpiry: expiry)),
    Scarcity(
      limit: .units(10), held: 5, consumed: 5, quantity: 1, remaining: 0, status: .heldOnly,
      outcome: .heldByOthers(nextExpiry: expiry)),
    Scarcity(
      limit: .units(10), held: 0, consumed: 10, quantity: 1, remaining: 0, status: .soldOut,
      outcome: .soldOut),
    Scarcity(
      limit: .units(0), held: 0, consumed: 0, quantity: 1, remaining: 0, status: .soldOut,
      outcome: .soldOut),
    // A family ticket of four: three seats are none.
    Scarcity(
      limit: .units(10), held: 0, consumed: 3, quantity: 1, units: 4, remaining: 1,
      status: .available),
    Scarcity(
      limit: .units(10), held: 0, consumed: 7, quantity: 1, units: 4, remaining: 0,
      status: .soldOut, outcome: .soldOut),
    Scarcity(
      limit: .units(10), held: 4, consumed: 3, quantity: 1, units: 4, remaining: 0,
      status: .heldOnly, outcome: .heldByOthers(nextExpiry: expiry)),
    Scarcity(
      limit: .unlimited, held: 5, consumed: 5, quantity: 1_000_000, remaining: 0,
      status: .available),
    // Overcommitted: more is promised than there is.
    Scarcity(
      limit: .units(3), held: 2, consumed: 4, quantity: 1, remaining: -3, status: .soldOut,
      outcome: .soldOut),
    Scarcity(
      limit: .units(5), held: 4, consumed: 3, quantity: 1, remaining: -2, status: .heldOnly,
      outcome: .heldByOthers(nextExpiry: expiry)),
    Scarcity(
      limit: .units(Limit.unitsMax), held: 0, consumed: 0, quantity: 1_000_000, units: 1_000_000,
      threshold: 100, remaining: 1_000_000_000, status: .limited),
  ]

  @Test func scarcity() throws {
    for row in EvaluatorTests.scarcity {
      var desk = Desk()
      desk.put(Resource(id: "r", sellerID: "sol", inventory: .stock(total: .units(1000))))
      desk.put(product("single", Draw(resourceID: "r")))
      var sold = product("sold", Draw(resourceID: "r", units: row.units))
      sold.limitedThresholdPercent = row.threshold
      desk.put(sold)
      if row.consumed > 0 {
        desk.reserve(line("single", row.consumed))
        desk.consume(1)
      }
      if row.held > 0 { desk.reserve(line("single", row.held)) }
      desk.put(Resource(id: "r", sellerID: "sol", inventory: .stock(total: row.limit)))
      let found = desk.availability("sold", quantity: row.quantity)
      let answer = try #require(found)
      #expect(answer.remaining == row.remaining, "\(row)")
      #expect(answer.status == row.status, "\(row)")
      #expect(answer.obstacles.first?.kind == row.outcome, "\(row)")
      #expect(answer.unlimited == (row.limit == .unlimited))
      #expect(answer.held == row.held && answer.consumed == row.consumed)
      #expect(desk.reserve(line("sold", row.quantity)).obstacle == row.outcome, "\(row)")
    }
  }

  @Test func theTightestPoolDecides() throws {
    var desk = Desk()
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(10))))
    desk.put(stock("kit", 7))
    desk.put(product("tour", Draw(resourceID: "bus"), Draw(resourceID: "kit", units: 2)))
    let found = desk.availability("tour", EvaluatorTests.slot)
    let answer = try #require(found)
    #expect(answer.remaining == 3)
    #expect(desk.balances("tour", EvaluatorTests.slot)[answer.tightest].key.resourceID == "kit")
    #expect(answer.capacity == 7)
  }

  @Test func bothPoolsOfASaleMustFree() {
    var desk = Desk()
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(1))))
    desk.put(stock("kit", 1))
    desk.put(product("seat", Draw(resourceID: "bus")))
    desk.put(product("gear", Draw(resourceID: "kit")))
    desk.put(product("tour", Draw(resourceID: "bus"), Draw(resourceID: "kit")))
    desk.reserve(line("seat", slot: EvaluatorTests.slot), ttl: 60)
    desk.reserve(line("gear"), ttl: 90)
    let outcome = desk.reserve(line("tour", slot: EvaluatorTests.slot))
    #expect(outcome.obstacle == .heldByOthers(nextExpiry: desk.now + Interval(seconds: 90)))
  }

  @Test func overbookingEndsByItself() {
    var desk = Desk()
    var resource = stock("r", 2)
    resource.overbooking = OverbookingBudget(
      units: 1, reason: "no-shows", until: desk.now + Interval(seconds: 60))
    desk.put(resource)
    desk.put(product("p", Draw(resourceID: "r")))
    #expect(desk.set.catalogue.resource("r")?.resource.overbooking?.approvedBy == "ana")
    #expect(desk.availability("p")?.remaining == 3)
    desk.reserve(line("p", 3))
    desk.advance(59)
    #expect(desk.availability("p")?.remaining == 0)
    desk.advance(1)
    #expect(desk.availability("p")?.remaining == -1)
    // What was promised stays promised.
    #expect(desk.consume(1).rejection == nil)
    #expect(desk.availability("p")?.status == .soldOut)
  }

  @Test func quantityLimitsCountAllLinesOfAProduct() {
    var desk = Desk()
    desk.put(EvaluatorTests.bus())
    var seat = product("seat", Draw(resourceID: "bus"))
    seat.limits = PurchaseLimits(minQuantity: 2, maxQuantity: 3)
    desk.put(seat)
    let other = "2026-12-24T11:00:00+00:00"
    #expect(
      desk.reserve(line("seat", 1, slot: EvaluatorTests.slot), line("seat", 1, slot: other))
        .rejection == nil)
    #expect(
      desk.reserve(line("seat", 2, slot: EvaluatorTests.slot), line("seat", 2, slot: other))
        .obstacle == .aboveMaxQuantity(3))
  }
}
