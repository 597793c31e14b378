import Capacity
import Logging
import Testing

@testable import CapacityEngine

/// What every adapter promises where rows of pools are behind the log.
@Suite("Rows behind the log")
struct LaggingRowsContractTests {
  private static let pool = PoolKey(resourceID: "hall", ordinal: 0)
  private static let other = PoolKey(resourceID: "shelf", ordinal: 0)
  private static let at = Instant(seconds: 1_700_000_000)

  // Ten sales, one after the other; the row of the first pool stays as it was after the third, the other is written.
  private func fill(_ storage: any Storage) throws {
    var changes = ChangeSet(
      counters: StoreCounters(nextReservation: 11, nextSequence: 11, lastDecision: Self.at))
    for number in UInt64(1)...10 {
      let key = number == 5 ? Self.other : Self.pool
      let revision = number == 5 ? 1 : number < 5 ? number : number - 1
      var reservation = Samples.reservation(number)
      reservation.lines = [
        ReservationLine(
          productID: "ticket", sellerID: "sol", slot: "", quantity: 1,
          draws: [FrozenDraw(pool: key, units: 1)])
      ]
      changes.reservations.append(reservation)
      changes.keys.append((reservation.key, number))
      let balance = Pool(held: Int64(revision), revision: revision)
      changes.events.append(
        Event(
          sequence: number, kind: .reservationHeld, at: Self.at, subject: .reservation(reservation),
          movements: [Movement(pool: key, held: 1, balance: balance)], actor: "bea"))
    }
    changes.pools = [Self.pool: Pool(held: 3, revision: 3), Self.other: Pool(held: 1, revision: 1)]
    changes.counters.poolsWrittenTo = 3
    try storage.write(changes)
  }

  @Test(arguments: Adapter.allCases)
  func whatIsWrittenIsKept(adapter: Adapter) throws {
    let place = try adapter.place()
    let first = try place.open()
    try fill(first)
    #expect(try first.openLog().poolsWrittenTo() == 3)
    first.close()
    let second = try place.open()
    #expect(try second.counters().poolsWrittenTo == 3)
    var lane = try second.counters()
    lane.poolsWrittenTo = 7
    try second.write(ChangeSet(counters: lane))
    #expect(try second.counters() == lane)
    #expect(try second.openLog().poolsWrittenTo() == 7)
    second.close()
  }

  @Test(arguments: Adapter.allCases)
  func whoReadsPoolsGetsThemAsTheLogLeavesThem(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    var told: [(PoolKey, Pool, Bool)] = []
    try StoredPools(of: storage).each { (key, pool, isWritten) in
      told.append((key, pool, isWritten))
    }
    #expect(told.map(\.0) == [Self.pool, Self.other] && told.map(\.2) == [false, true])
    #expect(told.map(\.1) == [Pool(held: 9, revision: 9), Pool(held: 1, revision: 1)])
    #expect(try StoreAudit.run(storage).findings == [])
    let set = try WarmUp.workingSet(of: storage, zone: { _ in .utc })
    #expect(set.unwrittenPoolsCount == 1 && set.counters.poolsWrittenTo == 3)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func theLogIsNotShortenedBeyond(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    let trimmer = try LogTrimmer(
      EventRetention(maxAge: Interval(seconds: 1)), try storage.openLog(),
      Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let later = Instant(seconds: 1_800_000_000)
    for _ in 0..<4 { _ = try trimmer.step(at: later, position: 10) }
    #expect(try storage.checkpoint().sequence == 3)
    #expect(try storage.events(after: 0, limit: 99).map(\.sequence) == Array(4...10))
    #expect(try StoreAudit.run(storage).findings == [])
    var lane = try storage.counters()
    lane.poolsWrittenTo = 10
    var changes = ChangeSet(counters: lane)
    changes.pools[Self.pool] = Pool(held: 9, revision: 9)
    try storage.write(changes)
    for _ in 0..<4 { _ = try trimmer.step(at: later, position: 10) }
    #expect(try storage.checkpoint().sequence == 10)
    #expect(try storage.events(after: 0, limit: 99) == [])
    #expect(try StoreAudit.run(storage).findings == [])
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func anExportHasThemWhole(adapter: Adapter) throws {
    let (home, place) = (try adapter.place(), try adapter.place())
    let source = try home.open()
    try fill(source)
    let file = SharedBytes()
    let tally = try StoreExport.run(
      source, at: Self.at, program: "test", wasServed: false,
      to: { (bytes) throws(StorageError) in file.bytes += bytes })
    let target = try place.open(try source.identity())
    var transfer = try StoreImport(reading: { (count) throws(StorageError) in
      let taken = Array(file.bytes.prefix(count))
      file.bytes.removeFirst(taken.count)
      return taken
    })
    #expect(try transfer.run(into: target, bytesTotal: nil) == tally)
    #expect(try target.counters().poolsWrittenTo == 10)
    #expect(
      try target.pools(after: nil, limit: 9).map(\.pool)
        == [Pool(held: 9, revision: 9), Pool(held: 1, revision: 1)])
    #expect(try StoreAudit.run(target).findings == [])
    source.close()
    target.close()
    withExtendedLifetime((home, place)) {}
  }

  @Test(arguments: Adapter.allCases)
  func aRestoreKeepsThePromise(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    let changes = try PutBackStore.changes(
      from: try storage.counters(), replacing: nil, at: Self.at, actor: "op", reason: "test")
    #expect(changes.counters.poolsWrittenTo == 3)
    try storage.write(changes)
    #expect(try StoreAudit.run(storage).findings == [])
    let set = try WarmUp.workingSet(of: storage, zone: { _ in .utc })
    #expect(set.unwrittenPoolsCount == 1)
    var whole = changes.counters
    whole.poolsWrittenTo = whole.nextSequence - 1
    let again = try PutBackStore.changes(
      from: whole, replacing: nil, at: Self.at, actor: "op", reason: "test")
    #expect(again.counters.poolsWrittenTo == again.counters.nextSequence - 1)
    storage.close()
  }
}

private final class SharedBytes {
  var bytes: [UInt8] = []
}
