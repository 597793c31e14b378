import SeededRandom
import Testing

@testable import Capacity

/// Plans that were found are used again only for the same question.
struct RecentPlansTests {
  private func desk() -> Desk {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    desk.put(product("pair", Draw(resourceID: "hall", units: 2)))
    return desk
  }

  private func pause(_ isPaused: Bool) -> Command {
    .setPause(
      Command.SetPause(target: .product("ticket"), paused: isPaused, scope: .anyone, actor: "ana"))
  }

  private func isReserved(_ outcome: Outcome) -> Bool {
    if case .reserved = outcome { true } else { false }
  }

  /// All of it at one instant, as in one batch.
  @Test func aChangedDefinitionIsSeen() {
    var desk = desk()
    #expect(isReserved(desk.reserve(line("ticket", 1))))
    desk.run(pause(true))
    #expect(!isReserved(desk.reserve(line("ticket", 1))))
    desk.run(pause(false))
    #expect(isReserved(desk.reserve(line("ticket", 1))))
    _ = desk.draft(pause(true))
    desk.set.rollBack()
    #expect(isReserved(desk.reserve(line("ticket", 1))))
  }

  @Test func anotherProductHasAPlanOfItsOwn() {
    var desk = desk()
    desk.reserve(line("ticket", 1), line("pair", 1), line("ticket", 1))
    #expect(desk.set.pool(PoolKey(resourceID: "hall", ordinal: 0)).held == 4)
  }

  @Test func anotherDayHasAnotherPlan() throws {
    let desk = desk()
    var recent = RecentPlans()
    let days = [desk.now, desk.now, desk.now + Interval(seconds: 86_400)].map { now -> CivilDate? in
      let found = recent.find(productID: "ticket", slotID: "", in: desk.set.catalogue, at: now)
      return if case .plan(let plan) = found { plan.primary.occurrence.date } else { nil }
    }
    #expect(days[0] == days[1] && days[0] != days[2])
  }

  // What an answer says, whichever object says it.
  private func content(_ result: SlotPlan.Result) -> String {
    switch result {
    case .obstacle(let obstacle): return "\(obstacle)"
    case .plan(let plan):
      let draws = plan.draws.map {
        "\($0.scheduled.resource.id) \($0.scheduled.resource.version) \($0.units) \($0.slot)"
      }
      return "\(plan.slotID) \(plan.product) \(draws) \(plan.frozen)"
    }
  }

  /// Whatever is asked and edited, rolled back, at whatever time: nobody can tell it from asking anew.
  @Test(arguments: 0..<6)
  func theAnswerIsThatOfAskingAnew(_ round: UInt64) throws {
    let seed = Seed.value &+ round
    var world = try CatalogueGenerator(seed: seed)
    var recent = RecentPlans()
    var asked: [(product: String, slot: String)] = []
    var now = world.desk.now
    for step in 0..<1_000 {
      switch world.number(0...40) {
      case 0: try world.editResource()
      case 1: world.putProduct("p\(world.number(0...9))")
      case 2: now = world.desk.now + Interval(seconds: Int64(world.number(-200_000...200_000)))
      case 3: now = now + Interval(microseconds: Int64(world.number(-1...1)))
      case 4:
        // A batch that is asked about, and then is not.
        _ = world.desk.draft(
          .setPause(
            Command.SetPause(
              target: .resource("s\(world.number(0...3))"), paused: world.chance(2),
              scope: .anyone, actor: "ana")))
        for (product, slot) in asked.suffix(9) {
          _ = recent.find(
            productID: product, slotID: slot, in: world.desk.set.catalogue, at: now)
        }
        world.desk.set.rollBack()
      default: break
      }
      if let id = world.productIDs.randomElement(using: &world.random),
        let offer = Offer(id, in: world.desk.set.catalogue),
        let slot = world.slotIDs(of: offer).randomElement(using: &world.random)
      {
        asked.append((id, world.chance(9) ? "2026-12-24T10:30:00-05:00" : slot))
      }
      guard let (product, slot) = asked.randomElement(using: &world.random) else { continue }
      let catalogue = world.desk.set.catalogue
      let answer = recent.find(productID: product, slotID: slot, in: catalogue, at: now)
      let anew = SlotPlan.find(productID: product, slotID: slot, in: catalogue, at: now)
      try #require(
        content(answer) == content(anew), "CUPO_SEED=\(seed) after \(step) steps at \(now)")
    }
  }

  /// Days of stocks end at midnight where they are, at another time in each zone, and now and then at a change of the clock.
  @Test(arguments: ["Australia/Lord_Howe", "America/Santiago", "America/Havana", "Pacific/Apia"])
  func aStocksDayIsThatOfItsZone(_ name: String) throws {
    let zone = try Zones.read(name)
    var desk = Desk()
    desk.put(stock("here", 10, zone: name), zone: zone)
    desk.put(stock("madrid", 10, zone: "Europe/Madrid"), zone: try Zones.read("Europe/Madrid"))
    desk.put(product("both", Draw(resourceID: "madrid"), Draw(resourceID: "here")))
    desk.put(product("one", Draw(resourceID: "here")))
    var random = SplitMix(seed: Seed.value)
    let changes = zone.history.dropFirst().map { Instant(seconds: $0.at) }
      .filter { $0 > instant("2020-01-01T00:00:00") && $0 < instant("2030-01-01T00:00:00") }
    var recent = RecentPlans()
    for start in changes + [desk.now] {
      for _ in 0..<60 {
        let now = start + Interval(seconds: .random(in: -100_000...100_000, using: &random))
        for product in ["one", "both"] {
          let answer = recent.find(
            productID: product, slotID: "", in: desk.set.catalogue, at: now)
          let anew = SlotPlan.find(
            productID: product, slotID: "", in: desk.set.catalogue, at: now)
          #expect(content(answer) == content(anew), "CUPO_SEED=\(Seed.value) at \(now)")
        }
      }
    }
  }

  /// An old plan has its old resource with it, which may be large.
  @Test func definitionsThatAreGoneAreNotKept() {
    var shop = DatedShop()
    shop.ask(21_000..<21_300)
    weak let old = shop.desk.set.catalogue.resource("beach")
    #expect(old != nil && shop.recent.count > 200)
    for limit in Int64(11)..<28 {
      shop.desk.put(daily("beach", limit))
      shop.ask(21_000..<21_001)
    }
    #expect(old == nil)
    #expect(shop.recent.count < 30)
  }

  /// Nobody asks about a day that is over.
  @Test func daysThatAreOverAreNotKept() {
    var shop = DatedShop()
    let first = Zone.utc.date(at: shop.desk.now).day
    for day in first..<first + 3_000 {
      shop.desk.advance(86_400)
      shop.ask(day..<day + 3)
    }
    #expect(shop.recent.count < 64)
  }

  /// A question has one place however often it is asked, and there are never more than there is room for.
  @Test func itHasALimit() {
    var shop = DatedShop()
    shop.ask(21_000..<21_010)
    shop.ask(21_000..<21_010)
    #expect(shop.recent.count == 10)
    shop.ask(21_000..<84_000)
    #expect(shop.recent.count <= RecentPlans.countMax)
    #expect(shop.recent.count > RecentPlans.countMax / 2)
    // Far fewer do not drive each other out.
    shop.recent = RecentPlans()
    shop.ask(21_000..<26_000)
    shop.ask(21_000..<26_000)
    #expect(shop.recent.count > 4_600)
  }

  // MARK: What reservations share

  private func shares(_ line: ReservationLine, _ plan: SlotPlan) -> Bool {
    line.terms === plan.terms
  }

  private func plan(_ desk: Desk, _ productID: String) throws -> SlotPlan {
    var set = desk.set
    let found = set.recentPlans.find(
      productID: productID, slotID: "", in: set.catalogue, at: set.counters.lastDecision)
    guard case .plan(let plan) = found else { throw NoPlan() }
    return plan
  }

  private struct NoPlan: Error {}

  @Test func reservationsOfAProductShareWhatTheyHaveOfIt() throws {
    var desk = desk()
    let made = try #require(desk.reserve(line("pair", 1)).reservation)
    #expect(shares(made.lines[0], try plan(desk, "pair")))
  }

  /// One that was read from a store shares the same, and is what was read.
  @Test func readReservationsDoToo() throws {
    var desk = desk()
    let pool = PoolKey(resourceID: "hall", ordinal: 0)
    func read(
      _ number: UInt64, _ productID: String, _ units: Int64, _ pricing: Pricing = .none
    ) throws -> ReservationLine {
      let read = Reservation(
        number: number, buyerID: "bea", reference: "", idempotencyKey: "k\(number)",
        requestedTTL: nil,
        lines: [
          ReservationLine(
            productID: productID, sellerID: "sol", slot: "", quantity: 1,
            draws: [FrozenDraw(pool: pool, units: units)], pricing: pricing)
        ], createdAt: desk.now, expiresAt: desk.now + Interval(seconds: 60))
      desk.set.load(read)
      let loaded = try #require(desk.set.reservation(number))
      #expect(loaded == read)
      return loaded.lines[0]
    }
    #expect(shares(try read(7, "pair", 2), try plan(desk, "pair")))
    // It was made when the product took three, or the product is gone.
    #expect(!shares(try read(8, "pair", 3), try plan(desk, "pair")))
    #expect(!shares(try read(9, "gone", 2), try plan(desk, "pair")))
    // With a pricing of its own it has terms of its own, but the same draws.
    let busy = try read(10, "pair", 2, Pricing(adjustmentBasisPoints: 5, triggerIDs: ["busy"]))
    let (draws, frozen) = (busy.draws, try plan(desk, "pair").frozen)
    let areShared = draws.span.isIdentical(to: frozen.span)
    #expect(areShared)
  }
}

/// One product with as many dates as there are.
private struct DatedShop {
  var desk = Desk()
  var recent = RecentPlans()

  init() {
    desk.put(daily("beach", 10))
    desk.put(product("umbrella", Draw(resourceID: "beach")))
  }

  mutating func ask(_ days: Range<Int32>) {
    for day in days {
      _ = recent.find(
        productID: "umbrella", slotID: CivilDate(day: day).description, in: desk.set.catalogue,
        at: desk.now)
    }
  }
}
