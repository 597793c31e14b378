import Capacity
import SeededRandom
import Testing

/// I7: what is listed as sellable can be reserved at that instant and the reverse, and a day worked out beforehand says what
/// a single slot says.
struct AgreementTests {
  static let runs = 40

  @Test(arguments: 0..<runs)
  func listCalendarExplainAndReserveAgree(_ run: Int) throws {
    var world = try CatalogueGenerator(seed: Seed.value &+ UInt64(run))
    let comment = "CUPO_SEED=\(Seed.value) run \(run)"
    for id in world.productIDs {
      let offer = try #require(Offer(id, in: world.desk.set.catalogue))
      let quantity = Int64(world.number(1...5))
      let listed = listing(offer, quantity, &world)
      for (slot, answer) in listed {
        expectAgreement(id, slot, quantity, answer, &world, comment)
      }
      expectNothingElse(offer, listed.map(\.slot), &world, comment)
    }
  }

  @Test func theGeneratorMakesBoth() throws {
    var (sellable, closed) = (0, 0)
    for run in 0..<UInt64(20) {
      var world = try CatalogueGenerator(seed: Seed.value &+ run)
      for id in world.productIDs {
        let offer = try #require(Offer(id, in: world.desk.set.catalogue))
        for (_, answer) in listing(offer, 1, &world) {
          if answer?.isSellable == true { sellable += 1 } else { closed += 1 }
        }
      }
    }
    #expect(sellable > 300 && closed > 300, "CUPO_SEED=\(Seed.value): \(sellable) and \(closed)")
  }

  /// By time alone nothing changes before the calendar says so, and then something may: the first boundary of any slot.
  @Test(arguments: 0..<runs)
  func nothingChangesBeforeItsTime(_ run: Int) throws {
    var world = try CatalogueGenerator(seed: Seed.value &+ 5_555 &+ UInt64(run))
    let (comment, now) = ("CUPO_SEED=\(Seed.value) run \(run)", world.desk.now)
    for id in world.productIDs {
      let offer = try #require(Offer(id, in: world.desk.set.catalogue))
      var calendar = ProductCalendar(offer)
      let days = offer.isStock ? [] : (-1..<9).map { calendar.day(world.first.advanced(by: $0)) }
      var plans = days.flatMap { day in day.slots.indices.map { offer.plan(day, $0, at: now) } }
      if let stock = offer.primary.stock(at: now) { plans = [offer.plan(stock, at: now)] }
      let boundaries = plans.compactMap { plan -> Instant? in
        guard case .plan(let plan) = plan else { return nil }
        return Evaluator(plan, at: now).nextBoundary()
      }
      let columns = world.columns(offer, days)
      let evaluator = CalendarEvaluator(offer, quantity: 1, at: now, pools: columns)
      let next = evaluator.nextBoundary(of: days)
      // A slot without a plan has boundaries of its own, and a day may have no slots.
      if let first = boundaries.min() {
        #expect(next ?? .distantFuture <= first, "\(comment): \(id)")
      }
      if plans.count == boundaries.count, days.allSatisfy({ $0.slotsCount > 0 }) {
        #expect(next == boundaries.min(), "\(comment): \(id)")
      }
      let held = plans.flatMap { plan -> [Instant] in
        guard case .plan(let plan) = plan else { return [] }
        return plan.pools.compactMap { world.desk.set.view($0).nextExpiry }
      }
      let ends = columns.compactMap(\.nextExpiry).min()
      #expect(ends ?? .distantFuture <= held.min() ?? .distantFuture, "\(comment): \(id)")
    }
  }

  /// Every slot of the ten days with the calendar's answer.
  private func listing(
    _ offer: Offer, _ quantity: Int64, _ world: inout CatalogueGenerator
  ) -> [(slot: String, answer: Availability?)] {
    var calendar = ProductCalendar(offer)
    guard !offer.isStock else {
      let views = world.columns(offer, [])
      var evaluator = CalendarEvaluator(
        offer, quantity: quantity, at: world.desk.now, pools: views)
      return [("", evaluator.stockAvailability())]
    }
    let days = (-1..<9).map { calendar.day(world.first.advanced(by: $0)) }
    var evaluator = CalendarEvaluator(
      offer, quantity: quantity, at: world.desk.now, pools: world.columns(offer, days))
    return days.flatMap { day in Array(zip(day.slotIDs, evaluator.availabilities(of: day))) }
      .map { (slot: $0.0, answer: $0.1) }
  }

  private func expectAgreement(
    _ id: String, _ slot: String, _ quantity: Int64, _ answer: Availability?,
    _ world: inout CatalogueGenerator, _ comment: String
  ) {
    let told = world.reserve(id, quantity, slot)
    #expect(told == nil || told?.rank != 0, "\(comment): \(slot) is not canonical")
    let found = SlotPlan.find(
      productID: id, slotID: slot, in: world.desk.set.catalogue, at: world.desk.now)
    guard case .plan(let plan) = found else {
      #expect(answer == nil && told?.kind == .noSlotAtTime, "\(comment): \(id) \(slot)")
      return
    }
    let views = plan.pools.map { world.desk.set.view($0) }
    let evaluator = Evaluator(plan, at: world.desk.now)
    #expect(
      answer == evaluator.availability(quantity: quantity, views: views),
      "\(comment): \(id) \(slot)")
    #expect(answer?.isSellable == (told == nil), "\(comment): \(id) \(slot) \(quantity)")
    #expect(answer?.obstacles.first?.kind == told?.kind, "\(comment): \(id) \(slot) \(quantity)")
    let explained = evaluator.obstacles(quantity: quantity, views: views)
    #expect(explained.first?.rank == told?.rank, "\(comment): \(id) \(slot) \(quantity)")
    #expect(explained.map(\.rank) == explained.map(\.rank).sorted(), "\(comment)")
  }

  /// Starts that are not listed cannot be reserved, on a grid that is finer than any schedule here.
  private func expectNothingElse(
    _ offer: Offer, _ listed: [String], _ world: inout CatalogueGenerator, _ comment: String
  ) {
    guard case .slots = offer.primary.resource.inventory else { return }
    let known = Set(listed)
    let start = offer.primary.zone.start(of: world.first)
    for step in 0..<200 {
      let ordinal = start + Int64(step) * 1800
      let slot = offer.primary.slotID(ofOrdinal: ordinal)
      guard !known.contains(slot) else { continue }
      #expect(
        world.reserve(offer.product.id, 1, slot)?.kind == .noSlotAtTime, "\(comment): \(slot)")
    }
  }

  /// An obstacle that lifts by itself is there until that instant, and from it on no more.
  @Test(arguments: 0..<runs)
  func obstaclesLiftWhenTheySay(_ run: Int) throws {
    var world = try CatalogueGenerator(seed: Seed.value &+ 3_333 &+ UInt64(run))
    let comment = "CUPO_SEED=\(Seed.value) run \(run)"
    for id in world.productIDs {
      let offer = try #require(Offer(id, in: world.desk.set.catalogue))
      for slot in world.slotIDs(of: offer).shuffled(using: &world.random).prefix(12) {
        let now = world.desk.now
        for obstacle in world.explain(id, slot, at: now) {
          guard let until = obstacle.until else { continue }
          #expect(until > now, "\(comment): \(id) \(slot) \(obstacle)")
          let before = world.explain(id, slot, at: until - Interval(microseconds: 1))
          let after = world.explain(id, slot, at: until)
          func isSame(_ other: Obstacle) -> Bool {
            (other.rank, other.subject, other.until) == (obstacle.rank, obstacle.subject, until)
          }
          #expect(before.contains(where: isSame), "\(comment): \(id) \(slot) \(obstacle)")
          #expect(!after.contains(where: isSame), "\(comment): \(id) \(slot) \(obstacle)")
        }
      }
    }
  }

  @Test(arguments: 0..<runs)
  func aDayPromisesNothingThatItCannotKeep(_ run: Int) throws {
    var world = try CatalogueGenerator(seed: Seed.value &+ 7_777 &+ UInt64(run))
    let comment = "CUPO_SEED=\(Seed.value) run \(run)"
    for id in world.productIDs {
      let offer = try #require(Offer(id, in: world.desk.set.catalogue))
      guard !offer.isStock, !offer.hasCrossingQuotas else { continue }
      let quantity = Int64(world.number(1...4))
      var calendar = ProductCalendar(offer)
      let days = (-1..<9).map { calendar.day(world.first.advanced(by: $0)) }
      var evaluator = CalendarEvaluator(
        offer, quantity: quantity, at: world.desk.now, pools: world.columns(offer, days))
      for day in days {
        expectHonest(evaluator.summary(of: day), day, offer, quantity, &world, comment)
      }
    }
  }

  private func expectHonest(
    _ summary: DaySummary, _ day: ProductDay, _ offer: Offer, _ quantity: Int64,
    _ world: inout CatalogueGenerator, _ comment: String
  ) {
    let id = offer.product.id
    let place = "\(comment): \(id) on \(day.date)"
    func open(_ quantity: Int64) -> Int {
      day.slotIDs.count { world.reserve(id, quantity, $0) == nil }
    }
    #expect(summary.slots == day.slotsCount, "\(place)")
    #expect(summary.openSlots == open(quantity), "\(place)")
    #expect((summary.reason(subject: "") != nil) == (summary.status == .closed), "\(place)")
    if summary.isUnlimited { return }
    if summary.largestParty > 0 {
      #expect(open(summary.largestParty) > 0, "\(place): \(summary)")
    } else {
      #expect(open(offer.product.leastQuantity) == 0, "\(place): \(summary)")
    }
    #expect(open(summary.largestParty + 1) == 0 || summary.largestParty == 0, "\(place)")
    if offer.product.limits == PurchaseLimits() {
      #expect(summary.totalRemaining == world.sellOut(id, day), "\(place): \(summary)")
    }
  }
}

extension Offer {
  /// Two quotas in zones of their own may cut a day in different places; then only a part is sure.
  fileprivate var hasCrossingQuotas: Bool {
    resources.dropFirst().count { $0.resource.inventory.kind == .daily } > 1
  }
}

extension CatalogueGenerator {
  /// What a reservation would be told; nil: it would be made. Nothing is left of it.
  mutating func reserve(_ id: String, _ quantity: Int64, _ slot: String) -> Obstacle? {
    let outcome = desk.draft(reservation([line(id, quantity, slot: slot)]))
    desk.set.rollBack()
    guard case .rejected(.lines(let failures)) = outcome else { return nil }
    return failures.first?.obstacle
  }

  /// All that stands in the way of one at `now`, with the holds as they are there.
  mutating func explain(_ id: String, _ slot: String, at now: Instant) -> [Obstacle] {
    var other = desk
    other.now = now
    other.expire()
    let found = SlotPlan.find(
      productID: id, slotID: slot, in: other.set.catalogue, at: now)
    guard case .plan(let plan) = found else { return [] }
    let views = plan.draws.map { other.set.view($0.pool) }
    return Evaluator(plan, at: now).obstacles(quantity: plan.product.leastQuantity, views: views)
  }

  /// Sells what it can of a day, slot by slot, and takes it back.
  mutating func sellOut(_ id: String, _ day: ProductDay) -> Int64 {
    var (sold, lines) = (Int64(0), [Command.RequestedLine]())
    for slot in day.slotIDs {
      var quantity: Int64 = 0
      while reserves(lines + [line(id, quantity + 1, slot: slot)]) { quantity += 1 }
      guard quantity > 0 else { continue }
      lines.append(line(id, quantity, slot: slot))
      sold += quantity
    }
    return sold
  }

  private mutating func reserves(_ lines: [Command.RequestedLine]) -> Bool {
    let outcome = desk.draft(reservation(lines))
    desk.set.rollBack()
    return outcome.rejection == nil
  }

  private func reservation(_ lines: [Command.RequestedLine]) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "probe", key: "probe"), lines: lines, ttl: nil,
        reference: "", actor: "probe"))
  }

  /// The pools behind `days`, as a reader would find them.
  mutating func columns(_ offer: Offer, _ days: [ProductDay]) -> [PoolColumn] {
    offer.runs(behind: days).map { desk.set.column($0) }
  }
}
