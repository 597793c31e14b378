import Capacity
import CapacityEngine
import Foundation
import GRDB
import TemporaryFolders
import Testing

@testable import SQLiteStorage

/// Backups of a SQLite store, taken while it is written, and what becomes of them.
@Suite("Backup and restore")
struct BackupTests {
  private static let identity = StoreIdentity(namingKey: 0xC0FFEE)
  private let folder: TemporaryFolder
  private let now = Instant(seconds: 1_800_000_000)

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.path + "/cupo.db" }
  private var file: String { folder.path + "/backup" }

  private func open() throws -> SQLiteStorage {
    try SQLiteStorage.open(path: path, newIdentity: Self.identity)
  }

  /// One reservation and its event, such that an audit finds nothing.
  private func sold(_ number: UInt64) -> ChangeSet {
    let pool = PoolKey(resourceID: "hall", ordinal: 0)
    var reservation = Reservation(
      number: number, buyerID: "b", reference: String(repeating: "x", count: 2_500),
      idempotencyKey: "k\(number)", requestedTTL: nil,
      lines: [
        ReservationLine(
          productID: "p", sellerID: "s", slot: "", quantity: 1,
          draws: [FrozenDraw(pool: pool, units: 1)])
      ],
      createdAt: Instant(seconds: 1_700_000_000), expiresAt: Instant(seconds: 1_900_000_000))
    reservation.lines[0].held = 1
    let balance = Pool(held: Int64(number), consumed: 0, revision: number)
    let event = Event(
      sequence: number, kind: .reservationHeld, at: reservation.createdAt,
      subject: .reservation(reservation),
      movements: [Movement(pool: pool, held: 1, balance: balance)], actor: "b")
    return ChangeSet(
      counters: StoreCounters(nextReservation: number + 1, nextSequence: number + 1),
      pools: [pool: balance], reservations: [reservation],
      keys: [(IdempotencyKey(buyerID: "b", key: "k\(number)"), number)], events: [event])
  }

  private func sell(_ range: ClosedRange<UInt64>, in storage: SQLiteStorage) throws {
    for number in range { try storage.write(sold(number)) }
  }

  private func error(_ work: () throws(StorageError) -> Void) -> StorageError? {
    do throws(StorageError) {
      try work()
      return nil
    } catch {
      return error
    }
  }

  private func backUp(replacing: Bool = false) throws(StorageError) {
    _ = try SQLiteBackup.write(path, to: file, isReplacing: replacing, observer: nil)
  }

  private func restore(
    _ file: String? = nil, replacing: Bool = false
  ) throws(StorageError) -> SQLiteRestore.Summary {
    try SQLiteRestore(
      file: file ?? self.file, path: path, isReplacing: replacing, at: now, actor: "ana",
      observer: nil
    ).run()
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  // MARK: Backups

  @Test func aBackupIsOneStateWhateverIsWrittenMeanwhile() throws {
    let storage = try open()
    // Some 6 MB, so that there are several steps.
    try sell(1...900, in: storage)
    var (steps, next) = (0, UInt64(901))
    var failure: (any Error)?
    let audit = try SQLiteBackup.write(path, to: file, isReplacing: false) { progress in
      guard progress.step == "copying" else { return }
      steps += 1
      do {
        for _ in 0..<20 {
          try storage.write(sold(next))
          next += 1
        }
        // Not even what is moved into the database meanwhile; the background may be at it.
        _ = try? storage.use().connection.checkpoint(.passive)
      } catch {
        failure = error
      }
    }
    #expect(failure == nil)
    #expect(steps > 4)
    #expect(audit.reservationsCount == 900)
    let copy = try SQLiteReader.open(path: file)
    #expect(try copy.counters().nextSequence == 901)
    #expect(try copy.identity() == Self.identity)
    #expect(try storage.counters().nextSequence == next)
    storage.close()
    #expect(try names() == ["backup", "cupo.db", "cupo.db.lock"])
  }

  @Test func aBackupTakesNobodysPlace() throws {
    let storage = try open()
    try sell(1...3, in: storage)
    try Data("precious".utf8).write(to: URL(filePath: file))
    #expect(error { () throws(StorageError) in try backUp() }?.kind == .conflict)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
    try backUp(replacing: true)
    #expect(try SQLiteReader.open(path: file).counters().nextSequence == 4)
    storage.close()
  }

  @Test func theStoreIsNoPlaceForItsBackup() throws {
    let storage = try open()
    try sell(1...3, in: storage)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: path)
    #expect(error { () throws(StorageError) in try backUp(replacing: true) }?.kind == .conflict)
    #expect(try storage.counters().nextSequence == 4)
    storage.close()
  }

  @Test func aStoreThatIsWrongGivesNoBackup() throws {
    let storage = try open()
    try sell(1...3, in: storage)
    try storage.use().connection.execute("UPDATE pool SET held = 7")
    #expect(error { () throws(StorageError) in try backUp() }?.kind == .corrupt)
    storage.close()
    #expect(try names() == ["cupo.db", "cupo.db.lock"])
  }

  // MARK: Restores

  @Test func aRestoreIsTheBackupWithNumbersFarBehind() throws {
    let storage = try open()
    try sell(1...10, in: storage)
    try backUp()
    try sell(11...20, in: storage)
    storage.close()
    let summary = try restore(replacing: true)
    #expect(try names() == ["backup", "cupo.db", "cupo.db.before-1800000000", "cupo.db.lock"])
    #expect(summary.lastEvent == 10)
    #expect(summary.audit.findingsCount == 0)

    let restored = try open()
    #expect(try restored.identity() == Self.identity)
    let events = try restored.events(after: 9, limit: 10)
    #expect(events.count == 2)
    let entry = try #require(events.last)
    #expect(entry.kind == .repaired && entry.actor == "ana" && entry.at == now)
    #expect(entry.subject == .gap(LogGap(after: 10, before: entry.sequence)))
    #expect(entry.sequence == 21 + PutBackStore.eventsSkipped)
    let lane = try restored.counters()
    #expect(lane.nextSequence == entry.sequence + 1 && lane.lastDecision == now)
    #expect(lane.nextReservation == 21 + PutBackStore.reservationsSkipped)
    #expect(lane.nextReservation == summary.nextReservation)
    #expect(try restored.reservations(after: 0, limit: 99, holdingOnly: false).count == 10)
    // And it can be sold from.
    try restored.write(ChangeSet(counters: lane))
    restored.close()

    let kept = try SQLiteReader.open(path: try #require(summary.keptAside))
    #expect(try kept.counters().nextSequence == 21)
  }

  @Test func aRestoreNeedsNoStore() throws {
    let storage = try open()
    try sell(1...10, in: storage)
    try backUp()
    storage.close()
    for name in try names() where name != "backup" {
      try FileManager.default.removeItem(atPath: folder.path + "/" + name)
    }
    let summary = try restore()
    #expect(summary.keptAside == nil)
    #expect(summary.nextReservation == 11 + PutBackStore.reservationsSkipped)
    // A second time, on what has gone on since.
    let again = try restore(replacing: true)
    #expect(again.nextReservation == 11 + 2 * PutBackStore.reservationsSkipped)
  }

  @Test func aStoreInUseIsNotReplaced() throws {
    let storage = try open()
    try sell(1...3, in: storage)
    try backUp()
    let error = error { () throws(StorageError) in _ = try restore(replacing: true) }
    #expect(error?.kind == .inUse)
    try sell(4...4, in: storage)
    storage.close()
    #expect(
      self.error { () throws(StorageError) in _ = try restore() }?.kind == .conflict,
      "not even one that nobody uses, unless told")
    #expect(try open().counters().nextSequence == 5)
  }

  @Test(arguments: [
    "nothing", "text", "another database", "export", "newer", "cut off", "damaged", "wrong",
  ])
  func whatIsNoBackupChangesNothing(kind: String) throws {
    let storage = try open()
    try sell(1...300, in: storage)
    try backUp()
    try sell(301...303, in: storage)
    storage.close()
    try spoil(kind)
    let before = try names()
    let error = try #require(
      error { () throws(StorageError) in _ = try restore(replacing: true) }, "\(kind)")
    #expect(error.kind == (kind == "nothing" ? .unavailable : .corrupt), "\(kind): \(error)")
    #expect(error.detail.contains(file) || error.detail.contains("restoring"), "\(error)")
    #expect(try names() == before)
    let untouched = try open()
    #expect(try untouched.counters().nextSequence == 304)
    untouched.close()
  }

  private func spoil(_ kind: String) throws {
    let url = URL(filePath: file)
    var bytes = try Data(contentsOf: url)
    switch kind {
    case "nothing": return try FileManager.default.removeItem(at: url)
    case "text": bytes = Data("to whom it may concern, it is long enough".utf8)
    case "export": bytes = Data("CUPOEXP\u{1}and so on, and so on".utf8)
    case "cut off": bytes = bytes.prefix(bytes.count / 2)
    // Behind the catalogue, in the middle of the reservations.
    case "damaged":
      for index in stride(from: bytes.count / 2, to: bytes.count, by: 512) { bytes[index] ^= 0x55 }
    default: break
    }
    try bytes.write(to: url)
    if kind == "another database" {
      try FileManager.default.removeItem(at: url)
      let queue = try DatabaseQueue(path: file)
      try queue.write { try $0.execute(sql: "CREATE TABLE diary (day TEXT)") }
      try queue.close()
    } else if kind == "newer" || kind == "wrong" {
      let sql =
        kind == "newer"
        ? "INSERT INTO grdb_migrations VALUES ('9999')" : "UPDATE pool SET consumed = 1"
      let queue = try DatabaseQueue(path: file)
      try queue.write { try $0.execute(sql: sql) }
      try queue.close()
    }
  }

  @Test func aStoreTooDamagedToReadIsKeptAsideAsItIs() throws {
    let storage = try open()
    try sell(1...10, in: storage)
    try backUp()
    storage.close()
    try Data(repeating: 0x41, count: 5_000).write(to: URL(filePath: path))
    try Data(repeating: 0x42, count: 500).write(to: URL(filePath: path + "-wal"))
    let summary = try restore(replacing: true)
    let kept = try #require(summary.keptAside)
    #expect(try Data(contentsOf: URL(filePath: kept)).first == 0x41)
    #expect(try Data(contentsOf: URL(filePath: kept + "-wal")).first == 0x42)
    let restored = try open()
    #expect(try restored.events(after: 0, limit: 99).count == 11)
    restored.close()
  }

  // MARK: Migrations

  @Test func aStoreOfAnOlderVersionIsMigrated() throws {
    try open().close()
    let newest = try SQLiteMigration.versions(path: path).newest
    #expect(try SQLiteMigration.versions(path: path).stored == newest)
    try FileManager.default.removeItem(atPath: path)
    try Schema.prepare(path: path, newIdentity: Self.identity, upTo: "1")
    let before = try SQLiteMigration.versions(path: path)
    #expect(before.stored == "1" && before.newest == newest)
    let done = try SQLiteMigration.run(path: path)
    #expect(done.from == "1" && done.to == newest)
    let storage = try open()
    #expect(try storage.identity() == Self.identity)
    #expect(
      error { () throws(StorageError) in _ = try SQLiteMigration.run(path: path) }?.kind == .inUse)
    storage.close()
  }

  @Test func rowsOfAnOlderVersionAreAllWritten() throws {
    try Schema.prepare(path: path, newIdentity: Self.identity, upTo: "4")
    let connection = try Connection(path: path, .writing, busyMilliseconds: 100)
    try connection.execute("UPDATE lane SET next_sequence = 42")
    let storage = try open()
    #expect(try storage.counters() == StoreCounters(nextSequence: 42, poolsWrittenTo: 41))
    storage.close()
  }

  @Test func aBackupOfAnOlderVersionIsMigrated() throws {
    try Schema.prepare(path: file, newIdentity: Self.identity, upTo: "1")
    _ = try restore()
    let storage = try open()
    #expect(try storage.checkpoint() == LogCheckpoint())
    storage.close()
  }
}
