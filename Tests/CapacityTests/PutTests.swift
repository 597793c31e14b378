import Capacity
import Testing

/// What a Put keeps, refuses and reports (SYSTEM.md section 2).
struct PutTests {
  private func desk() -> Desk {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    desk.reserve(line("ticket", 6))
    return desk
  }

  private func put(
    _ resource: Resource, expected: UInt64 = 0, validateOnly: Bool = false, _ desk: inout Desk
  ) -> Outcome {
    desk.run(
      .putResource(
        Command.PutResource(
          resource: resource, zone: .utc, expectedVersion: expected, validateOnly: validateOnly,
          actor: "ana")))
  }

  @Test func versions() {
    var desk = desk()
    #expect(desk.set.catalogue.resource("hall")?.resource.version == 1)
    #expect(put(stock("hall", 11), expected: 2, &desk).rejection == .versionConflict(current: 1))
    #expect(put(stock("new", 11), expected: 2, &desk).rejection == .versionConflict(current: 0))
    #expect(put(stock("hall", 11), expected: 1, &desk).rejection == nil)
    #expect(desk.set.catalogue.resource("hall")?.resource.version == 2)
    let events = desk.events.count
    // The same again changes nothing and tells nobody.
    #expect(put(stock("hall", 11), &desk).rejection == nil)
    #expect(desk.set.catalogue.resource("hall")?.resource.version == 2)
    #expect(desk.events.count == events)
    let stale = Command.PutProduct(
      product: product("ticket", Draw(resourceID: "hall")), expectedVersion: 7, actor: "ana")
    #expect(desk.run(.putProduct(stale)).rejection == .versionConflict(current: 1))
  }

  @Test func pauseIsKept() {
    var desk = Desk()
    var hall = stock("hall", 10)
    hall.paused = true
    desk.put(hall)
    hall.paused = false
    hall.name = "Hall"
    desk.put(hall)
    #expect(desk.set.catalogue.resource("hall")?.resource.paused == true)
    var ticket = product("ticket", Draw(resourceID: "hall"))
    ticket.paused = true
    desk.put(ticket)
    ticket.paused = false
    desk.put(ticket)
    #expect(desk.set.catalogue.product("ticket")?.paused == true)
  }

  @Test func anUnsetTotalIsKept() {
    var desk = desk()
    let again = Resource(
      id: "hall", sellerID: "sol", name: "Hall", inventory: .stock(total: nil))
    #expect(put(again, &desk).rejection == nil)
    #expect(desk.set.catalogue.resource("hall")?.resource.inventory == .stock(total: .units(10)))
    #expect(desk.set.catalogue.resource("hall")?.resource.name == "Hall")
  }

  @Test func kindAndSellerStay() {
    var desk = desk()
    guard case .violations(let kind)? = put(daily("hall", 5), &desk).rejection else {
      Issue.record("the kind was changed")
      return
    }
    #expect(kind.map(\.field) == ["resource.inventory"])
    var other = stock("hall", 10)
    other.sellerID = "luna"
    guard case .violations(let seller)? = put(other, &desk).rejection else {
      Issue.record("the seller was changed")
      return
    }
    #expect(seller.map(\.field) == ["resource.seller_id"])
    var product = product("ticket", Draw(resourceID: "hall"))
    product.sellerID = "luna"
    guard case .violations? = desk.put(product).rejection else {
      Issue.record("the product's seller was changed")
      return
    }
  }

  @Test func whatIsCutIsReportedAndPromisesStay() {
    var desk = desk()
    let impact = Impact(
      reservationsAffected: 1, unitsOvercommitted: 2, slotsOvercommitted: [""])
    let before = desk.set.catalogue.resource("hall")?.resource
    let events = desk.events.count
    guard case .resource(_, let tried) = put(stock("hall", 4), validateOnly: true, &desk) else {
      Issue.record("validate_only was refused")
      return
    }
    #expect(tried == impact)
    #expect(desk.set.catalogue.resource("hall")?.resource == before)
    #expect(desk.events.count == events)
    guard case .resource(_, let done) = put(stock("hall", 4), &desk) else {
      Issue.record("the cut was refused")
      return
    }
    #expect(done == impact)
    #expect(desk.events.suffix(2).map(\.kind) == [.resourceChanged, .capacityOvercommitted])
    #expect(desk.availability("ticket")?.remaining == -2)
    #expect(desk.reserve(line("ticket")).rejection != nil)
    // A further cut of a pool that is overcommitted already is no news.
    _ = put(stock("hall", 3), &desk)
    #expect(desk.events.last?.kind == .resourceChanged)
    #expect(desk.consume(1).rejection == nil)
  }

  @Test func aPoolThatABatchMadeInVainIsMadeAgainByTheNext() {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    // Reserved and given back in a batch that is not written.
    _ = desk.draft(
      .reserve(
        Command.Reserve(
          key: IdempotencyKey(buyerID: "bea", key: "k"), lines: [line("ticket", 4)], ttl: nil,
          reference: "", actor: "bea")))
    let number = desk.set.counters.nextReservation - 1
    _ = desk.draft(
      .release(Command.Resolve(number: number, scope: .anyone, actor: "bea")))
    desk.set.rollBack()
    desk.reserve(line("ticket", 4))
    #expect(desk.set.ordinals(of: "hall", in: .min ... .max) == [0])
    _ = put(stock("hall", 3), &desk)
    #expect(desk.events.last?.kind == .capacityOvercommitted)
  }

  @Test func onlyThatPoolIsBlocked() {
    var desk = Desk()
    desk.put(daily("quota", 5))
    desk.put(product("visit", Draw(resourceID: "quota")))
    desk.reserve(line("visit", 4, slot: "2026-12-24"))
    var cut = daily("quota", 5)
    let eve = DateRange(from: date("2026-12-24"), to: date("2026-12-24"))
    cut.overrides = [DateOverride(dates: eve, limit: .units(1))]
    guard case .resource(_, let impact) = put(cut, &desk) else {
      Issue.record("the cut was refused")
      return
    }
    #expect(impact.slotsOvercommitted == ["2026-12-24"])
    #expect(desk.reserve(line("visit", slot: "2026-12-24")).rejection != nil)
    #expect(desk.reserve(line("visit", 5, slot: "2026-12-25")).rejection == nil)
  }

  @Test func aProductNeedsItsResourcesInOrder() {
    var desk = desk()
    #expect(
      desk.put(product("p", Draw(resourceID: "nowhere"))).rejection == .resourceNotFound("nowhere"))
    desk.put(slots("bus", window("10:00", "12:00")))
    desk.put(daily("quota", 3))
    let rows: [(Product, String?)] = [
      (product("p", Draw(resourceID: "bus"), Draw(resourceID: "hall")), nil),
      (
        product("p", Draw(resourceID: "bus"), Draw(resourceID: "hall"), Draw(resourceID: "quota")),
        nil
      ),
      (
        product("p", Draw(resourceID: "hall"), Draw(resourceID: "bus")),
        "product.draws[1].resource_id"
      ),
      (
        product("p", Draw(resourceID: "quota"), Draw(resourceID: "bus")),
        "product.draws[1].resource_id"
      ),
      (
        product("p", Draw(resourceID: "bus"), Draw(resourceID: "bus")),
        "product.draws[1].resource_id"
      ),
    ]
    for (product, field) in rows {
      var fields: [String]?
      if case .violations(let list)? = desk.put(product).rejection { fields = list.map(\.field) }
      #expect(fields == field.map { [$0] })
    }
  }

  @Test func theLogHasTheTotalOfAStock() {
    var desk = desk()
    _ = put(stock("hall", 4), &desk)
    let limit = desk.events.flatMap(\.movements).filter { $0.pool.resourceID == "hall" }
      .map(\.limit).reduce(0, +)
    #expect(limit == 4)
  }
}
