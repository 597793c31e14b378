import Capacity
import SeededRandom

/// A shop with a generated calendar whose owner edits it while it sells. There is no model of the calendar here: what is
/// checked must hold whatever the calendar says.
struct EditedShop {
  private(set) var differences: [String] = []
  /// What was done, for whoever reads a failure.
  private(set) var diary: [String] = []
  private(set) var soldCount = 0
  private(set) var overcommittedCount = 0
  var world: CatalogueGenerator
  // Slots of schedules that were; some of them are no more.
  private var seenSlots: [String] = [""]
  private var asked: [(key: IdempotencyKey, lines: [Command.RequestedLine], number: UInt64)] = []

  init(seed: UInt64) throws {
    world = try CatalogueGenerator(seed: seed)
  }

  /// One step; what happens in it depends on `seed` and on what the steps before it left, so steps can be left out.
  mutating func step(seed: UInt64) throws {
    world.random = SplitMix(seed: seed)
    if world.chance(4) { world.desk.advance(Int64(world.number(1...5_000))) }
    switch world.number(0...11) {
    case 0...3: reserve()
    case 4: reserveSeveral()
    case 5: repeatKey()
    case 6: resolve()
    case 7: extend()
    case 8: adjust()
    case 9, 10: try edit()
    default: world.putProduct("p\(world.number(0...5))")
    }
  }

  private mutating func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
    if !holds { differences.append(text()) }
  }

  // MARK: Selling

  private mutating func anyLine() -> Command.RequestedLine? {
    guard let id = world.productIDs.randomElement(using: &world.random),
      let offer = Offer(id, in: world.desk.set.catalogue)
    else { return nil }
    let slots = world.slotIDs(of: offer)
    // Now and then a slot that some other schedule had.
    let isOld = world.chance(6)
    guard var slot = (isOld ? seenSlots : slots).randomElement(using: &world.random) else {
      return nil
    }
    let quantity = Int64(world.number(1...4))
    // Most slots are shut or sold out; what sells is more telling.
    if !isOld, world.chance(2) {
      let some = slots.shuffled(using: &world.random).prefix(12)
      slot = some.first { sells(id, quantity, $0) } ?? slot
    }
    seenSlots.append(slot)
    return line(id, quantity, slot: slot)
  }

  private mutating func sells(_ id: String, _ quantity: Int64, _ slot: String) -> Bool {
    world.desk.availability(id, slot, quantity: quantity)?.isSellable == true
  }

  // I7 and I1.
  private mutating func reserve() {
    guard let line = anyLine() else { return }
    let shown = world.desk.availability(line.productID, line.slot, quantity: line.quantity)
    let outcome = ask([line])
    expect(
      (shown?.isSellable ?? false) == (outcome.reservation != nil),
      "\(line) was shown as \(String(describing: shown)), and got \(outcome)")
  }

  // I3: all or nothing, on pools that the lines may share.
  private mutating func reserveSeveral() {
    let lines = (0..<world.number(2...3)).compactMap { _ in anyLine() }
    guard !lines.isEmpty else { return }
    _ = ask(lines)
  }

  private mutating func ask(_ lines: [Command.RequestedLine]) -> Outcome {
    let number = world.desk.set.counters.nextReservation
    let key = IdempotencyKey(buyerID: "b\(number % 3)", key: "edited-\(number)-\(asked.count)")
    let ttl = Interval(seconds: Int64(world.number(60...40_000)))
    let outcome = run(
      .reserve(
        Command.Reserve(key: key, lines: lines, ttl: ttl, reference: "", actor: "x")))
    guard let reservation = outcome.reservation else {
      expect(world.desk.set.counters.nextReservation == number, "a number was used by \(outcome)")
      return outcome
    }
    soldCount += 1
    asked.append((key, lines, reservation.number))
    for draw in reservation.lines.flatMap(\.draws) {
      let over = excess(draw.pool)
      expect(over <= 0, "\(draw.pool) is over its limit after \(reservation)")
    }
    return outcome
  }

  // I5, whatever has become of the schedule meanwhile.
  private mutating func repeatKey() {
    guard let first = asked.randomElement(using: &world.random) else { return }
    let outcome = run(
      .reserve(
        Command.Reserve(
          key: first.key, lines: first.lines, ttl: nil, reference: "", actor: "x")))
    // Another time to live is another request.
    expect(
      outcome.rejection == .keyReused(field: "ttl") || outcome.isReplay == true,
      "\(outcome) for the repeated \(first)")
    expect(
      outcome.reservation.map { $0.number == first.number } ?? true, "another reservation")
  }

  // I10 and I12: what is held can be consumed and given back, whether or not its slot is still in the schedule.
  private mutating func resolve() {
    guard let number = anyNumber() else { return }
    world.desk.settle()
    let before = world.desk.set.reservation(number)
    let isConsume = world.chance(2)
    let resolve = Command.Resolve(
      number: number, scope: .anyone, amounts: [], requestID: "", actor: "x",
      reacquire: isConsume && world.chance(3))
    let outcome = run(isConsume ? .consume(resolve) : .release(resolve))
    if before?.state == .held {
      expect(
        outcome.isReplay == false, "\(outcome) of what was held: \(String(describing: before))")
    }
    if before?.state == .expired, let reacquired = outcome.reservation, isConsume {
      for draw in reacquired.lines.flatMap(\.draws) {
        let over = excess(draw.pool)
        expect(over <= 0, "\(draw.pool) is over its limit after \(reacquired)")
      }
    }
  }

  private mutating func extend() {
    guard let number = anyNumber() else { return }
    _ = run(
      .extend(
        Command.Extend(
          number: number, scope: .anyone, ttl: Interval(seconds: Int64(world.number(60...90_000))),
          requestID: "", actor: "x")))
  }

  private mutating func anyNumber() -> UInt64? {
    let next = world.desk.set.counters.nextReservation
    guard next > 1 else { return nil }
    return UInt64(world.number(max(1, Int(next) - 30)...Int(next - 1)))
  }

  private mutating func run(_ command: Command) -> Outcome {
    let outcome = world.desk.run(command)
    diary.append("\(command)\n    -> \(outcome)")
    return outcome
  }

  // MARK: Editing

  private mutating func adjust() {
    let total = world.desk.set.counters.nextSequence
    let resolved = world.desk.adjust(
      "k\(world.number(0...1))", Int64(world.number(-9...9)), id: "adjust-\(total)")
    diary.append("\(resolved)")
  }

  // I10 and I11: nothing that is booked goes, and each pool that is now over its limit is told once.
  private mutating func edit() throws {
    world.desk.settle()
    let booked = bookedPools()
    let overBefore = overcommitted(booked)
    let eventsBefore = world.desk.events.count
    try world.editResource()
    let edit = world.desk.events[eventsBefore...]
    diary.append("\(edit)")
    let bookedNow = bookedPools()
    expect(bookedNow == booked, "an edit has changed what is booked")
    let told = edit.filter { $0.kind == .capacityOvercommitted }.flatMap(\.movements).map(\.pool)
    let over = overcommitted(booked).subtracting(overBefore)
    overcommittedCount += over.count
    expect(told.count == over.count && Set(told) == over, "told was \(told), came over \(over)")
  }

  private mutating func overcommitted(_ pools: [PoolKey: Pool]) -> Set<PoolKey> {
    var over: Set<PoolKey> = []
    for key in pools.keys where excess(key) > 0 { over.insert(key) }
    return over
  }

  private mutating func bookedPools() -> [PoolKey: Pool] {
    pools().filter { $0.value.held + $0.value.consumed > 0 }
  }

  private mutating func pools() -> [PoolKey: Pool] {
    var pools: [PoolKey: Pool] = [:]
    for id in world.desk.set.catalogue.resources.map(\.resource.id) {
      for ordinal in world.desk.set.ordinals(of: id, in: .min ... .max) {
        let key = PoolKey(resourceID: id, ordinal: ordinal)
        pools[key] = world.desk.set.view(key).pool
      }
    }
    return pools
  }

  // Units beyond the limit; a pool that is over for good has none.
  private mutating func excess(_ key: PoolKey) -> Int64 {
    guard let scheduled = world.desk.set.catalogue.resource(key.resourceID),
      let occurrence = scheduled.occurrence(ofOrdinal: key.ordinal, at: world.desk.now),
      case .units(let units) = scheduled.limit(of: occurrence, at: world.desk.now)
    else { return 0 }
    let pool = world.desk.set.view(key).pool
    return pool.held + pool.consumed - units
  }

  // MARK: Checking

  /// Every counter from the reservations, and everything from the log (I2, I6).
  mutating func check() {
    world.desk.settle()
    let all = (1..<world.desk.set.counters.nextReservation).compactMap {
      world.desk.set.reservation($0)
    }
    var sums: [PoolKey: (held: Int64, consumed: Int64)] = [:]
    for line in all.flatMap(\.lines) {
      expect(
        line.quantity == line.held + line.consumed + line.released + line.expired + line.cancelled,
        "\(line) does not add up")
      for draw in line.draws where line.held + line.consumed > 0 {
        sums[draw.pool, default: (0, 0)].held += line.held * draw.units
        sums[draw.pool, default: (0, 0)].consumed += line.consumed * draw.units
      }
    }
    let booked = bookedPools()
    expect(Set(booked.keys) == Set(sums.keys), "other pools are booked than reservations say")
    for (key, pool) in booked {
      expect(
        pool.held == sums[key]?.held && pool.consumed == sums[key]?.consumed,
        "\(key) has \(pool), its reservations say \(String(describing: sums[key]))")
    }
    var audit = LedgerAudit()
    for event in world.desk.events { audit.add(event) }
    audit.check(world.desk.set.counters)
    for reservation in all { audit.check(reservation) }
    for (key, pool) in pools() { audit.check(pool, for: key) }
    let moved = Set(world.desk.events.flatMap { $0.movements.map(\.pool) })
    for key in moved where key.latch != nil { audit.check(world.desk.set.view(key).pool, for: key) }
    audit.finish()
    let wrong = audit.findings
    expect(wrong.isEmpty, "the audit finds \(wrong)")
  }
}
