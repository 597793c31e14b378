import Capacity
import SeededRandom
import Testing

/// Counters are recomputed from the log; damage is found, and a repair settles it (SYSTEM.md section 6).
@Suite struct LedgerAuditTests {
  /// What a store would hold.
  struct Books {
    var counters: StoreCounters
    var checkpoint = LogCheckpoint()
    var balances: [PoolKey: Pool] = [:]
    var events: [Event]
    var reservations: [UInt64: Reservation]
    var pools: [PoolKey: Pool]

    func audit() -> LedgerAudit {
      var audit = LedgerAudit(from: checkpoint)
      for (key, balance) in balances { audit.add(balance: balance, of: key) }
      for event in events { audit.add(event) }
      audit.check(counters)
      for reservation in sorted { audit.check(reservation) }
      for (key, pool) in pools { audit.check(pool, for: key) }
      audit.finish()
      return audit
    }

    var sorted: [Reservation] { reservations.values.sorted { $0.number < $1.number } }

    /// Repairs and answers what was put right.
    mutating func repair() -> [LedgerRepair.Entry] {
      let audit = audit()
      var repair = LedgerRepair(audit, counters, at: Instant(seconds: 0), actor: "op")
      for number in audit.wrongReservations.sorted() {
        repair.correct(stored: reservations[number], logged: logged(number))
      }
      for reservation in sorted { repair.settle(reservation) }
      for (key, pool) in pools { repair.settle(pool, for: key) }
      let changes = repair.finish()
      counters = changes.counters
      events += changes.events
      pools.merge(changes.pools) { $1 }
      for reservation in changes.reservations { reservations[reservation.number] = reservation }
      return repair.entries
    }

    private func logged(_ number: UInt64) -> Reservation? {
      events.compactMap { event -> Reservation? in
        guard case .reservation(let reservation) = event.subject else { return nil }
        return reservation.number == number ? reservation : nil
      }.last
    }

    /// Everything up to `sequence` becomes a checkpoint.
    mutating func shorten(through sequence: UInt64) {
      for event in events where event.sequence <= sequence {
        for movement in event.movements {
          balances[movement.pool] = (balances[movement.pool] ?? .untouched)
            .moved(by: movement, kind: event.kind)
        }
        if case .reservation(let reservation) = event.subject {
          checkpoint.lastReservation = max(checkpoint.lastReservation, reservation.number)
        }
        checkpoint.sequence = event.sequence
      }
      events.removeAll { $0.sequence <= sequence }
    }
  }

  static let hall = PoolKey(resourceID: "hall", ordinal: 0)

  /// Sells: 3 consumed, 2 released, 1 expired, 4 held; the hall and its product are events 1 and 2.
  private func books() -> Books {
    var desk = Desk()
    desk.put(Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(100))))
    desk.put(Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")]))
    func line(_ quantity: Int64) -> Command.RequestedLine {
      Command.RequestedLine(productID: "ticket", slot: "", quantity: quantity)
    }
    desk.reserve(line(3), ttl: 1000)
    desk.consume(1)
    desk.reserve(line(2), ttl: 1000)
    desk.release(2)
    desk.reserve(line(1), ttl: 5)
    desk.advance(10)
    desk.settle()
    desk.reserve(line(4), ttl: 1000)
    return Self.books(of: desk)
  }

  static func books(of desk: Desk) -> Books {
    var reservations: [UInt64: Reservation] = [:]
    var pools: [PoolKey: Pool] = [:]
    for event in desk.events {
      if case .reservation(let reservation) = event.subject {
        reservations[reservation.number] = reservation
      }
      for movement in event.movements { pools[movement.pool] = movement.balance }
    }
    return Books(
      counters: desk.set.counters, events: desk.events, reservations: reservations, pools: pools)
  }

  @Test func whatIsRightHasNoFindings() {
    let books = books()
    let audit = books.audit()
    #expect(audit.findings == [])
    #expect(audit.eventsCount == 9 && audit.reservationsCount == 4 && audit.poolsCount == 1)
    #expect(books.pools[Self.hall] == Pool(held: 4, consumed: 3, revision: 7))
  }

  @Test func aCorruptedCounterIsFoundAndPutBack() {
    var books = books()
    books.pools[Self.hall]?.consumed = 30
    let right = Pool(held: 4, consumed: 3, revision: 7)
    #expect(
      books.audit().findings == [
        .poolWrong(
          pool: Self.hall, stored: Pool(held: 4, consumed: 30, revision: 7), recomputed: right)
      ])
    #expect(books.repair().count == 1)
    #expect(books.pools[Self.hall] == Pool(held: 4, consumed: 3, revision: 8))
    #expect(books.events.last?.kind == .repaired)
    // The log was right: nothing moves in it.
    #expect(books.events.last?.movements.first?.consumed == 0)
    #expect(books.audit().findings == [])
  }

  @Test(arguments: 1...9) func aRemovedEventIsFoundAndSettled(_ sequence: UInt64) {
    var books = books()
    let before = books.pools
    books.events.removeAll { $0.sequence == sequence }
    let found = books.audit()
    #expect(found.findingsCount > 0)
    if sequence < 9 {
      #expect(
        found.findings.first
          == .eventsMissing(LogGap(after: sequence - 1, before: sequence + 1)))
    } else {
      #expect(found.findings.first == .laneWrong(nextSequence: 10, lastEvent: 8))
    }
    #expect(books.repair().isEmpty == false)
    let after = books.audit()
    #expect(after.findings == [])
    // Counters were right: no unit was lost.
    #expect(
      books.pools.mapValues { [$0.held, $0.consumed] }
        == before.mapValues { [$0.held, $0.consumed] })
    // History is as it was.
    #expect(books.events.map(\.sequence).prefix(8) == (1...9).filter { $0 != sequence }[...])
  }

  @Test func oneDamageIsOneFindingHoweverMuchFollows() {
    var books = books()
    books.events[4].movements[0].balance.held += 7
    let broken = books.audit().findings
    #expect(broken.count == 2)
    #expect(broken.allSatisfy { if case .balanceWrong = $0 { true } else { false } })
    #expect(books.repair().count == 1)
    #expect(books.audit().findings == [])
  }

  @Test func reservationsAreComparedWithTheirLastEvents() {
    var books = books()
    let fourth = books.reservations[4]
    books.reservations[4] = nil
    books.reservations[2]?.lines[0].held = 2
    #expect(books.audit().wrongReservations == [2, 4])
    #expect(Set(books.repair().map { "\($0)" }).count == 2)
    #expect(books.reservations[4] == fourth)
    #expect(books.reservations[2]?.lines[0].held == 0)
    #expect(books.audit().findings == [])
  }

  /// A latch has no reservations to go by: the log decides, and where something is missing in it, what is stored.
  @Test func aLatchIsPutBack() {
    let latch = PoolKey(latchOf: "busy", product: "ticket", ordinal: 0)
    var books = books()
    let on = Pool(consumed: 1, revision: 1)
    books.events.append(
      Event(
        sequence: 10, kind: .pricingTriggerOn, at: Instant(seconds: 0),
        subject: .product(Product(id: "ticket", sellerID: "sol", draws: [])),
        movements: [Movement(pool: latch, consumed: 1, balance: on)], actor: "cupo"))
    books.counters.nextSequence = 11
    books.pools[latch] = on
    #expect(books.audit().findings == [])
    var corrupted = books
    corrupted.pools[latch]?.consumed = 0
    #expect(corrupted.repair().count == 1)
    #expect(corrupted.pools[latch]?.consumed == 1 && corrupted.audit().findings == [])
    books.events.removeAll { $0.sequence == 10 }
    _ = books.repair()
    #expect(books.pools[latch]?.consumed == 1 && books.audit().findings == [])
  }

  @Test func aLaneThatFellBackIsMovedOn() {
    var books = books()
    books.counters.nextSequence = 5
    #expect(books.audit().findings == [.laneWrong(nextSequence: 5, lastEvent: 9)])
    #expect(books.repair() == [.lane(nextSequence: 10)])
    #expect(books.audit().findings == [])
  }

  @Test(arguments: 1...9) func aCheckpointTakesThePlaceOfWhatIsBeforeIt(_ sequence: UInt64) {
    var books = books()
    books.shorten(through: sequence)
    #expect(books.audit().findings == [])
    books.pools[Self.hall]?.held += 1
    #expect(books.audit().findingsCount == 2)
    #expect(books.repair().count == 1)
    #expect(books.audit().findings == [])
  }

  /// Random damage of every sort, before and behind a checkpoint: found, settled, and still settled when a checkpoint
  /// falls between damage and repair.
  @Test(arguments: 0..<60) func anyDamageIsSettled(_ run: UInt64) {
    var random = SplitMix(seed: Seed.value &+ run)
    var books = books()
    if Bool.random(using: &random) { books.shorten(through: .random(in: 1...6, using: &random)) }
    for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&books, &random) }
    let found = books.audit().findingsCount
    let entries = books.repair()
    #expect(entries.isEmpty == (found == 0), "seed \(Seed.value) run \(run)")
    #expect(books.audit().findings == [], "seed \(Seed.value) run \(run)")
    var shortened = books
    for event in books.events {
      shortened.shorten(through: event.sequence)
      #expect(shortened.audit().findings == [], "seed \(Seed.value) run \(run)")
    }
  }

  private func damage(_ books: inout Books, _ random: inout SplitMix) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: books.pools[Self.hall]?.held += .random(in: -3...3, using: &random)
    case 1: books.pools[Self.hall]?.consumed += .random(in: 1...3, using: &random)
    case 2: books.pools[Self.hall] = nil
    case 3:
      guard let index = books.events.indices.randomElement(using: &random) else { return }
      books.events.remove(at: index)
    default:
      guard let index = books.events.indices.randomElement(using: &random),
        !books.events[index].movements.isEmpty
      else { return }
      books.events[index].movements[0].held += 2
    }
  }
}
