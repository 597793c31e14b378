import Capacity
import CapacityEngine
import Testing

@testable import SQLiteStorage

/// A file that was damaged behind the server's back: `cupo verify` finds it, `cupo repair` settles it.
@Suite("Verify and repair a file")
struct StoreRepairTests {
  private let place: SQLitePlace
  private static let pool = PoolKey(resourceID: "hall", ordinal: 0)

  init() throws { place = try SQLitePlace() }

  /// Twenty reservations of one unit each, every second of them consumed: 10 held, 10 consumed, 30 events.
  private func fill() throws {
    let storage = try place.open()
    var changes = ChangeSet(counters: StoreCounters(nextReservation: 21, nextSequence: 31))
    var pool = Pool.untouched
    var sequence: UInt64 = 0
    func append(_ kind: Event.Kind, _ reservation: Reservation, held: Int64, consumed: Int64) {
      sequence += 1
      pool = Pool(
        held: pool.held + held, consumed: pool.consumed + consumed, revision: pool.revision + 1)
      changes.events.append(
        Event(
          sequence: sequence, kind: kind, at: Instant(seconds: 1_700_000_000),
          subject: .reservation(reservation),
          movements: [Movement(pool: Self.pool, held: held, consumed: consumed, balance: pool)],
          actor: "bea"))
    }
    for number in UInt64(1)...20 {
      var reservation = Reservation(
        number: number, buyerID: "bea", reference: "", idempotencyKey: "k\(number)",
        requestedTTL: nil,
        lines: [
          ReservationLine(
            productID: "ticket", sellerID: "sol", slot: "", quantity: 1,
            draws: [FrozenDraw(pool: Self.pool, units: 1)])
        ],
        createdAt: Instant(seconds: 1_700_000_000), expiresAt: Instant(seconds: 1_700_000_900))
      append(.reservationHeld, reservation, held: 1, consumed: 0)
      if number % 2 == 0 {
        reservation.lines[0].held = 0
        reservation.lines[0].consumed = 1
        reservation.state = .consumed
        reservation.version = 2
        append(.reservationConsumed, reservation, held: -1, consumed: 1)
      }
      changes.reservations.append(reservation)
    }
    changes.pools[Self.pool] = pool
    try storage.write(changes)
    storage.close()
  }

  private func damage(_ sql: String) throws {
    let connection = try Connection(path: place.path, .writing, busyMilliseconds: 100)
    try connection.execute(sql)
  }

  /// As the retention does it.
  private func trim(through sequence: UInt64) throws {
    let storage = try place.open()
    let log = try storage.openLog()
    var sums: [PoolKey: Pool] = [:]
    var checkpoint = LogCheckpoint()
    for event in try log.events(after: 0, limit: Int(sequence)) {
      for movement in event.movements { sums[movement.pool] = movement.balance }
      if case .reservation(let reservation) = event.subject {
        checkpoint.lastReservation = max(checkpoint.lastReservation, reservation.number)
      }
      checkpoint.sequence = event.sequence
    }
    try log.write(checkpoint, balances: sums)
    #expect(try log.trim(limit: 100) == Int(sequence))
    storage.close()
  }

  private func audit() throws -> LedgerAudit {
    let reader = try SQLiteReader.open(path: place.path)
    return try reader.snapshot { () throws(StorageError) in try StoreAudit.run(reader) }
  }

  private func repair() throws -> [LedgerRepair.Entry] {
    let storage = try place.open()
    defer { storage.close() }
    let plan = try StoreAudit.repair(
      storage, try StoreAudit.run(storage), at: Instant(seconds: 0), actor: "op")
    try storage.write(plan.changes)
    return plan.entries
  }

  private func history() throws -> [Event] {
    try SQLiteReader.open(path: place.path).events(after: 0, limit: 1000)
  }

  @Test(arguments: [0, 13]) func aCorruptedCounter(trimmed: UInt64) throws {
    try fill()
    if trimmed > 0 { try trim(through: trimmed) }
    #expect(try audit().findings == [])
    try damage("UPDATE pool SET consumed = consumed - 4")
    let right = Pool(held: 10, consumed: 10, revision: 30)
    #expect(
      try audit().findings == [
        .poolWrong(
          pool: Self.pool, stored: Pool(held: 10, consumed: 6, revision: 30), recomputed: right)
      ])
    let before = try history()
    #expect(try repair().count == 1)
    #expect(try audit().findings == [])
    #expect(try history().dropLast() == before[...])
    let storage = try place.open()
    #expect(
      try storage.pools(after: nil, limit: 9).map(\.pool)
        == [Pool(held: 10, consumed: 10, revision: 31)])
    storage.close()
  }

  /// A start would forget what holds and is not listed, and never end it.
  @Test(arguments: [0, 13]) func aLostListOfHolds(trimmed: UInt64) throws {
    try fill()
    if trimmed > 0 { try trim(through: trimmed) }
    try damage("DELETE FROM holding")
    let holding = stride(from: UInt64(1), to: 20, by: 2)
    #expect(try audit().findings == holding.map { .listWrong(number: $0, isListed: false) })
    let before = try history()
    #expect(try repair() == holding.map { .listed(reservation: $0) })
    // Nothing has happened to them.
    #expect(try history() == before)
    #expect(try audit().findings == [])
    let storage = try place.open()
    let listed = try storage.reservations(after: 0, limit: 99, holdingOnly: true)
    #expect(listed.map(\.number) == Array(holding))
    storage.close()
  }

  /// One among others, which are read all the same.
  @Test func oneThatIsNotListedBetweenOthersThatAre() throws {
    let storage = try place.open()
    var changes = Samples.batch(from: 1, count: 20)
    changes.reservations = changes.reservations.map { Samples.reservation($0.number) }
    changes.events = []
    try storage.write(changes)
    storage.close()
    var page = NumberPage()
    for number in UInt64(1)...21 where number != 7 { page.set(number, true) }
    let hex = page.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    try damage("UPDATE holding SET numbers = x'\(hex)'")
    let lists = try audit().findings.filter { if case .listWrong = $0 { true } else { false } }
    #expect(lists == [.listWrong(number: 7, isListed: false)])
  }

  @Test(arguments: [0, 13]) func aRemovedEvent(trimmed: UInt64) throws {
    try fill()
    if trimmed > 0 { try trim(through: trimmed) }
    try damage("DELETE FROM event WHERE sequence = 20")
    let found = try audit().findings
    #expect(found.first == .eventsMissing(LogGap(after: 19, before: 21)))
    #expect(found.count == 3)
    let before = try history()
    #expect(try repair().count == 2)
    #expect(try audit().findings == [])
    #expect(try history().prefix(before.count) == before[...])
    let storage = try place.open()
    #expect(try storage.pools(after: nil, limit: 9).first?.pool.held == 10)
    storage.close()
  }

  @Test func theLastEventsAreMissing() throws {
    try fill()
    try damage("DELETE FROM event WHERE sequence > 27")
    #expect(try audit().findings.contains(.laneWrong(nextSequence: 31, lastEvent: 27)))
    #expect(try repair().isEmpty == false)
    #expect(try audit().findings == [])
    #expect(try history().last?.sequence ?? 0 > 30)
  }

  @Test func lostReservationsComeBackFromTheLog() throws {
    try fill()
    try damage("DELETE FROM reservation WHERE number IN (3, 4)")
    #expect(try audit().wrongReservations == [3, 4])
    _ = try repair()
    #expect(try audit().findings == [])
  }

  @Test func everythingAtOnceAfterATrim() throws {
    try fill()
    try trim(through: 13)
    try damage(
      """
      DELETE FROM event WHERE sequence IN (15, 22, 23); DELETE FROM pool;
      DELETE FROM reservation WHERE number = 19; UPDATE lane SET next_sequence = 12;
      """)
    #expect(try audit().findingsCount > 3)
    _ = try repair()
    #expect(try audit().findings == [])
  }

  @Test func aCheckpointThatWasAlteredIsFound() throws {
    try fill()
    try trim(through: 13)
    try damage("UPDATE checkpoint_pool SET held = held + 1")
    #expect(try audit().findingsCount > 0)
    _ = try repair()
    #expect(try audit().findings == [])
  }
}
