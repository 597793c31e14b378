import Capacity
import SeededRandom

/// The ledger and the model, given the same commands.
struct Duel {
  private(set) var differences: [String] = []
  private(set) var commands = 0
  /// What was done, for whoever reads a failure.
  private(set) var diary: [String] = []
  var random: SplitMix
  var desk = Desk()
  var model = Model()
  private var asked: [(lines: [Command.RequestedLine], promise: Int)] = []
  private var keysCount = 0
  let slotList: [Slot]
  // Only some are watched, for it takes long.
  private var witness: TriggerWitness?

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    slotList = ["2026-12-24", "2026-12-25"].flatMap { day in
      ["10:00:00", "11:00:00"].map { time in
        Slot(
          text: "\(day)T\(time)+00:00", second: instant("\(day)T\(time)").seconds,
          day: Int64(date(day).day))
      }
    }
    model.now = desk.now
    for id in ["s1", "s2", "d1", "d2", "k1", "k2"] { putResource(id) }
    for index in 0..<6 { putProduct("p\(index)") }
    witness = seed % 8 == 0 ? TriggerWitness() : nil
    look()
  }

  /// One step; what happens in it depends on `seed` and on what the steps before it left, so steps can be left out.
  mutating func step(seed: UInt64) {
    random = SplitMix(seed: seed)
    tick()
    look()
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<9: reserve()
    case 9..<11: resolve(.consume)
    case 11..<13: resolve(.release)
    case 13: resolve(.cancel)
    case 14: extend()
    case 15: repeatKey()
    case 16:
      putResource(["s1", "s2", "d1", "d2", "k1", "k2"].randomElement(using: &random) ?? "s1")
    case 17: putProduct("p\(Int.random(in: 0..<6, using: &random))")
    default: peek()
    }
    look()
    commands += 1
  }

  // What the log tells of triggers is what is said, and it is told in time.
  private mutating func look() {
    guard witness != nil else { return }
    let places = (0..<6).flatMap { index in
      slotList.map {
        TriggerWitness.Place(
          product: "p\(index)", slot: model.spelling("p\(index)", $0))
      }
    }
    differences += witness?.look(&desk, places) ?? []
  }

  // MARK: The steps

  private mutating func tick() {
    guard chance(3) else { return }
    let next = chance(2) ? desk.set.nextExpiry() : nil
    let jump = Interval(microseconds: .random(in: 1...20_000_000, using: &random))
    // Now and then exactly to the instant of an expiry, or to just before it.
    desk.now = next.map { chance(2) ? $0 : $0 - Interval(microseconds: 1) } ?? desk.now + jump
    if desk.now < model.now { desk.now = model.now }
    model.now = desk.now
    desk.settle()
    model.expire()
  }

  private mutating func putResource(_ id: String) {
    let limit: Int64? = chance(6) ? nil : .random(in: 0...25, using: &random)
    let amount = limit.map { Limit.units($0) } ?? .unlimited
    var resource =
      switch id.first {
      case "s": slots(id, window("10:00", "12:00", limit: amount))
      case "d":
        Resource(
          id: id, sellerID: "sol", inventory: .daily(DailyCapacity(defaultLimit: amount)))
      default: Resource(id: id, sellerID: "sol", inventory: .stock(total: amount))
      }
    // A Put never lifts a pause, so a sale that has ended stands in for it here.
    let isShut = chance(8)
    if isShut { resource.saleWindow = SaleWindow(onSaleUntil: instant("2026-01-01T00:00:00")) }
    expect(desk.put(resource).rejection == nil, "put \(id)")
    model.kinds[id] = resource.inventory.kind
    model.limits[id] = .some(limit)
    if isShut { model.paused.insert(id) } else { model.paused.remove(id) }
  }

  private mutating func putProduct(_ id: String) {
    let count = Int.random(in: 1...3, using: &random)
    let ids = ["s1", "s2", "d1", "d2", "k1", "k2"].shuffled(using: &random).prefix(count)
    let sorted = ids.sorted {
      ($0.first == "s" ? 0 : $0.first == "d" ? 1 : 2, $0)
        < ($1.first == "s" ? 0 : $1.first == "d" ? 1 : 2, $1)
    }
    let draws = sorted.map { id in
      Draw(resourceID: id, units: .random(in: 1...3, using: &random))
    }
    var product = Product(id: id, sellerID: "sol", draws: draws)
    product.holds.maxExtensions = .random(in: 0...2, using: &random)
    if chance(2) { product.holds.maxHoldAge = Interval(seconds: 90) }
    if chance(3) {
      product.limits.maxHeldPerBuyer = .random(in: 0...6, using: &random)
      product.limits.maxPerBuyerPerDay = .random(in: 0...9, using: &random)
    }
    model.buyerLimits[id] = Model.BuyerLimit(
      held: product.limits.maxHeldPerBuyer, day: product.limits.maxPerBuyerPerDay)
    model.thresholds[id] = chance(3) ? Int64.random(in: 5...100, using: &random) : nil
    if let threshold = model.thresholds[id] {
      product.pricingTriggers = [
        PricingTrigger(
          id: "busy", condition: .occupancyAtLeast(percent: Int(threshold)),
          adjustmentBasisPoints: 100)
      ]
    }
    expect(desk.put(product).rejection == nil, "put \(id)")
    model.policies[id] = Model.Policy(
      extensions: product.holds.maxExtensions, age: product.holds.maxHoldAge)
    model.products[id] = draws.map { (resource: $0.resourceID, units: $0.units) }
  }

  private mutating func randomLines() -> [(product: String, slot: Slot, quantity: Int64)] {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      (
        product: "p\(Int.random(in: 0..<6, using: &random))",
        slot: slotList.randomElement(using: &random) ?? slotList[0],
        quantity: .random(in: 1...4, using: &random)
      )
    }
  }

  private mutating func reserve() {
    let lines = randomLines()
    let ttl = Int64.random(in: 1...60, using: &random)
    keysCount += 1
    let requested = lines.map {
      line($0.product, $0.quantity, slot: model.spelling($0.product, $0.slot))
    }
    let command = Command.reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "b\(keysCount % 3)", key: "k\(keysCount)"), lines: requested,
        ttl: Interval(seconds: ttl), reference: "", actor: "x"))
    let pricing = requested.map { desk.availability($0.productID, $0.slot)?.pricing }
    let outcome = run(command)
    let wanted = lines.map {
      (product: $0.product, quantity: $0.quantity, draws: model.draws($0.product, $0.slot))
    }
    let judged = model.judge(wanted, by: Model.Buyer(id: "b\(keysCount % 3)"))
    if judged.allSatisfy({ $0 == nil }) {
      expect(outcome.isReplay == false, "\(outcome) where the model reserves")
      let frozen = outcome.reservation?.lines.map(\.pricing)
      expect(frozen == pricing, "frozen with \(frozen ?? []), shown was \(pricing)")
      expect(
        outcome.reservation?.number == UInt64(model.promises.count + 1), "the number of \(outcome)")
      model.promises.append(
        Model.Promise(
          lines: zip(wanted, requested).map { wanted, line in
            Model.Line(
              product: line.productID, slot: line.slot, quantity: line.quantity,
              draws: wanted.draws, held: line.quantity)
          }, buyer: "b\(keysCount % 3)", key: "k\(keysCount)", ttl: ttl,
          createdAt: model.now, expiresAt: model.now + Interval(seconds: ttl)))
    } else {
      guard case .rejected(.lines(let failures)) = outcome else {
        expect(false, "\(outcome) where the model says \(judged)")
        return
      }
      expectFailures(failures, judged)
    }
  }

  private mutating func expectFailures(_ failures: [LineFailure], _ judged: [Model.Obstacle?]) {
    let expected = judged.enumerated().compactMap { index, obstacle in
      obstacle.map { (index, $0) }
    }
    let found = failures.map { failure -> (Int, Model.Obstacle?) in
      switch failure.obstacle.kind {
      case .saleEnded: (failure.line, .paused)
      case .buyerLimitReached: (failure.line, .buyer)
      case .soldOut: (failure.line, .soldOut)
      case .insufficientCapacity: (failure.line, .insufficient)
      case .heldByOthers(let expiry): (failure.line, .held(until: expiry))
      default: (failure.line, nil)
      }
    }
    let isSame =
      expected.count == found.count
      && zip(expected, found).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
    expect(isSame, "\(failures) where the model says \(judged)")
  }

  private mutating func repeatKey() {
    guard let index = model.promises.indices.randomElement(using: &random) else { return }
    let promise = model.promises[index]
    var lines = promise.lines.map { line($0.product, $0.quantity, slot: $0.slot) }
    let isOther = chance(3)
    if isOther { lines[0].quantity += 1 }
    let outcome = run(
      .reserve(
        Command.Reserve(
          key: IdempotencyKey(buyerID: promise.buyer, key: promise.key), lines: lines,
          ttl: promise.ttl.map { Interval(seconds: $0) }, reference: "", actor: "x")))
    if isOther {
      expect(
        outcome.rejection == .keyReused(field: "lines[0].quantity"), "\(outcome) for a reused key")
    } else {
      expect(
        outcome.isReplay == true && outcome.reservation?.number == UInt64(index + 1),
        "\(outcome) for a repeated key")
    }
  }

  // I7: what is listed as sellable can be reserved, and the reverse.
  private mutating func peek() {
    let (product, slot, quantity) = randomLines()[0]
    let judged = model.judge([(product, quantity, model.draws(product, slot))])[0]
    let answer = desk.availability(
      product, model.spelling(product, slot), quantity: quantity)
    if let mustBeOn = model.mustBeOn(product, slot) {
      expect(answer?.pricing.triggerIDs == (mustBeOn ? ["busy"] : []), "the trigger of \(product)")
    }
    expect(
      answer?.isSellable == (judged == nil),
      "\(String(describing: answer)) against \(String(describing: judged))")
  }

  // MARK: Comparing

  // Every command is first tried and rolled back: nothing may be left of it.
  mutating func run(_ command: Command) -> Outcome {
    diary.append("\(command)")
    // A third of them: it takes longer than all the rest.
    guard chance(3) else { return desk.run(command) }
    let before = observed()
    let first = desk.draft(command)
    desk.set.rollBack()
    expect(observed() == before, "rollBack left something of \(command)")
    let outcome = desk.run(command)
    expect(outcome == first, "\(outcome) after a roll-back, \(first) before")
    return outcome
  }

  private struct Observed: Equatable {
    var counters: StoreCounters
    var reservations: [Reservation?]
    var views: [PoolKey: PoolView]
    var nextExpiry: Instant?
  }

  var pools: [PoolKey] {
    ["s1", "s2"].flatMap { id in slotList.map { PoolKey(resourceID: id, ordinal: $0.second) } }
      + ["d1", "d2"].flatMap { id in
        Set(slotList.map(\.day)).map { PoolKey(resourceID: id, ordinal: $0) }
      } + ["k1", "k2"].map { PoolKey(resourceID: $0, ordinal: 0) }
  }

  private mutating func observed() -> Observed {
    var views: [PoolKey: PoolView] = [:]
    for pool in pools { views[pool] = desk.set.view(pool) }
    let numbers = UInt64(1)...UInt64(model.promises.count + 2)
    return Observed(
      counters: desk.set.counters, reservations: numbers.map { desk.set.reservation($0) },
      views: views,
      nextExpiry: desk.set.nextExpiry())
  }

  /// Everything that is there, against the model.
  mutating func compare() {
    for pool in pools {
      let view = desk.set.view(pool)
      expect(
        view.pool.held == model.held(pool) && view.pool.consumed == model.consumed(pool),
        "\(pool): \(view.pool)")
      expect(view.nextExpiry == model.nextExpiry(pool), "the next expiry of \(pool)")
    }
    for (index, promise) in model.promises.enumerated() {
      guard let reservation = desk.set.reservation(UInt64(index + 1)) else {
        expect(false, "reservation \(index + 1) is gone")
        continue
      }
      expect(reservation.state == promise.state, "the state of \(index + 1)")
      expect(reservation.expiresAt == promise.expiresAt, "the timer of \(index + 1)")
      expect(reservation.extensions == promise.extensions, "the extensions of \(index + 1)")
      for (line, expected) in zip(reservation.lines, promise.lines) {
        expect(
          line.held == expected.held && line.consumed == expected.consumed
            && line.released == expected.released && line.expired == expected.expired
            && line.cancelled == expected.cancelled,
          "\(line) is not \(expected)")
      }
    }
  }

  mutating func expect(_ isTrue: Bool, _ text: @autoclosure () -> String) {
    if !isTrue { differences.append(text()) }
  }

  mutating func chance(_ of: Int) -> Bool {
    Int.random(in: 0..<of, using: &random) == 0
  }
}
