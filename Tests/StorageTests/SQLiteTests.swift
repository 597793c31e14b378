import Capacity
import CapacityEngine
import Foundation
import GRDB
import TemporaryFolders
import Testing

@testable import SQLiteStorage

/// What only a file on a disk has to go through.
@Suite("SQLite")
struct SQLiteTests {
  private static let identity = StoreIdentity(namingKey: 5)
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.path + "/cupo.db" }

  private func open(_ policy: CheckpointPolicy? = nil) throws -> SQLiteStorage {
    try SQLiteStorage.open(path: path, newIdentity: Self.identity, policy: policy)
  }

  private func opening(_ path: String) -> StorageError? {
    do throws(StorageError) {
      try SQLiteStorage.open(path: path, newIdentity: Self.identity).close()
      return nil
    } catch {
      return error
    }
  }

  @Test func commitsAreSyncedToTheLog() throws {
    let storage = try open()
    let connection = try storage.use().connection
    #expect(try value("PRAGMA synchronous", connection) == "2")
    #expect(try value("PRAGMA journal_mode", connection) == "wal")
    storage.close()
  }

  @Test func aCopyTakenWhileOpenHasWhatWasCommitted() throws {
    let storage = try open()
    let changes = Samples.batch(from: 1, count: 50)
    try storage.write(changes)
    let copy = folder.path + "/copy.db"
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    let found = try SQLiteStorage.open(path: copy, newIdentity: Self.identity)
    #expect(try found.events(after: 0, limit: 100) == changes.events)
    #expect(try found.counters() == changes.counters)
    found.close()
    storage.close()
  }

  /// A batch may change a reservation twice: its row has the last state, and each event its own.
  @Test func eachEventHasItsOwnStateOfAReservation() throws {
    let storage = try open()
    defer { storage.close() }
    var changes = Samples.batch(from: 1, count: 6)
    for index in changes.events.indices {
      let last = changes.reservations[index]
      var first = last
      first.reference = "before"
      changes.events[index].subject = .reservation(index % 2 == 0 ? last : first)
    }
    try storage.write(changes)
    #expect(try storage.events(after: 0, limit: 100) == changes.events)
    let rows = try storage.reservations(after: 0, limit: 100, holdingOnly: false)
    #expect(rows == changes.reservations)
  }

  @Test func aBodyIsOfOneStateAlone() {
    let some = [2, 3, 5].map { Samples.reservation($0) }
    var encoded = EncodedReservations(some)
    for (number, one) in some.enumerated() {
      #expect(encoded.body(of: one) == nil)
      encoded.append(Array(repeating: UInt8(number), count: 1 + number))
    }
    for (number, one) in some.enumerated() {
      let body = encoded.body(of: one).map(Array.init)
      #expect(body == Array(repeating: UInt8(number), count: 1 + number))
    }
    // Equal, but not known to be; changed; and not there.
    #expect(encoded.body(of: Samples.reservation(3)) == nil)
    var changed = some[1]
    changed.version += 1
    #expect(encoded.body(of: changed) == nil)
    for number: UInt64 in [1, 4, 6] {
      #expect(encoded.body(of: Samples.reservation(number)) == nil)
    }
  }

  /// A file keeps the pages that it was made with; how long its log becomes is counted in bytes.
  @Test(arguments: [4_096, 8_192, 16_384]) func limitsOfTheLogAreOfTheFilesPages(
    pageBytes: Int
  ) throws {
    try open().close()
    let connection = try Connection(path: path, .writing, busyMilliseconds: 100)
    try connection.execute(
      "PRAGMA journal_mode = DELETE; PRAGMA page_size = \(pageBytes); VACUUM")
    let storage = try open()
    defer { storage.close() }
    #expect(try storage.use().connection.pageBytes() == pageBytes)
    let policy = try storage.use().policy
    #expect(policy.pagesMax * pageBytes == 256 << 20)
    #expect(policy.pagesBetween * pageBytes == 2 << 20)
    #expect(policy.pagesToFinish * pageBytes == 256 << 10)
  }

  @Test func aFullDiskIsNotTheEnd() throws {
    let storage = try open()
    try storage.write(Samples.batch(from: 1, count: 10))
    let connection = try storage.use().connection
    let pages = try #require(Int(value("PRAGMA page_count", connection)))
    try connection.execute("PRAGMA max_page_count = \(pages + 2)")
    let large = Samples.batch(from: 11, count: 2000)
    do throws(StorageError) {
      try storage.write(large)
      Issue.record("a full disk took 2000 reservations")
    } catch {
      #expect(error.kind == .unavailable && error.isTransient)
    }
    #expect(try storage.counters().nextReservation == 11)
    #expect(try storage.events(after: 0, limit: 100).count == 10)

    try connection.execute("PRAGMA max_page_count = 1000000")
    try storage.write(large)
    #expect(try storage.counters() == large.counters)
    storage.close()
  }

  @Test func aDatabaseThatCannotBeWrittenIsNotTheEnd() throws {
    let storage = try open()
    try storage.write(Samples.batch(from: 1, count: 1))
    let connection = try storage.use().connection
    try connection.execute("PRAGMA query_only = 1")
    do throws(StorageError) {
      try storage.write(Samples.batch(from: 2, count: 1))
      Issue.record("a read-only database was written")
    } catch {
      #expect(error.kind == .unavailable)
    }
    #expect(try storage.events(after: 0, limit: 9).count == 1)
    try connection.execute("PRAGMA query_only = 0")
    try storage.write(Samples.batch(from: 2, count: 1))
    storage.close()
  }

  @Test func garbageIsNamedAsSuch() throws {
    try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
    let error = try #require(opening(path))
    #expect(error.kind == .corrupt)
    #expect(error.detail.contains(path))
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "CREATE TABLE diary (day TEXT)") }
    try queue.close()
    let error = try #require(opening(path))
    #expect(error.kind == .corrupt && error.detail.contains("not a store of Cupo"))
  }

  @Test func aNewerVersionsStoreIsLeftAlone() throws {
    try open().close()
    let queue = try DatabaseQueue(path: path)
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999')")
    }
    try queue.close()
    let error = try #require(opening(path))
    #expect(error.kind == .corrupt && error.detail.contains("newer"))
  }

  @Test func aMissingFolderIsSaidSo() throws {
    let error = try #require(opening(folder.path + "/none/cupo.db"))
    #expect(error.kind == .unavailable && error.detail.contains("none"))
  }

  @Test func whoHasTheStoreIsNamed() throws {
    let storage = try open()
    let error = try #require(opening(path))
    #expect(error.kind == .inUse)
    #expect(error.detail.contains("process \(ProcessInfo.processInfo.processIdentifier)"))
    storage.close()
  }

  @Test func theBackgroundMovesTheLogAndItBeginsAnew() throws {
    let storage = try open(CheckpointPolicy(pagesBetween: 64, pagesMax: 1_000_000))
    var lengths: [Int] = []
    for batch in 0..<300 {
      try storage.write(Samples.batch(from: UInt64(batch) * 100 + 1, count: 100))
      lengths.append(try storage.use().gauge.pages)
      if zip(lengths, lengths.dropFirst()).contains(where: { $0 > $1 }) { break }
      Thread.sleep(forTimeInterval: 0.005)
    }
    let checkpointer = try storage.use().checkpointer
    #expect(checkpointer.history.movedMost >= 64)
    // Shorter than before: what was moved is written over.
    #expect(zip(lengths, lengths.dropFirst()).contains { $0 > $1 }, "\(lengths)")
    storage.close()
  }

  @Test func theLogHasAnEnd() throws {
    // No background: only the writer's own limit.
    let storage = try open(CheckpointPolicy(pagesBetween: .max, pagesMax: 100))
    var (pages, bytes): ([Int], [Int]) = ([], [])
    for batch in 0..<40 {
      try storage.write(Samples.batch(from: UInt64(batch) * 100 + 1, count: 100))
      pages.append(try storage.use().gauge.pages)
      bytes.append(try Data(contentsOf: URL(filePath: path + "-wal")).count)
    }
    #expect(pages.contains(0))
    #expect(pages.allSatisfy { $0 < 400 })
    // The file is written over, neither cut nor grown again.
    #expect(bytes == bytes.sorted() && bytes[39] < 400 * 4_120)
    #expect(bytes[20] == bytes[39], "\(bytes)")
    storage.close()
  }

  @Test func aReaderSeesOneStateBesideTheWriter() throws {
    let storage = try open()
    try storage.write(Samples.batch(from: 1, count: 3))
    let reader = try SQLiteReader.open(path: path)
    let counts = try reader.snapshot { () throws(StorageError) -> [Int] in
      let before = try reader.events(after: 0, limit: 100).count
      try storage.write(Samples.batch(from: 4, count: 3))
      return [before, try reader.events(after: 0, limit: 100).count]
    }
    #expect(counts == [3, 3])
    #expect(try reader.events(after: 0, limit: 100).count == 6)
    storage.close()
  }

  @Test func afterCloseThereIsAnErrorAndNoCrash() throws {
    let storage = try open()
    storage.close()
    #expect(throws: StorageError.self) { try storage.counters() }
    #expect(throws: StorageError.self) { try storage.write(Samples.batch(from: 1, count: 1)) }
  }

  private func value(_ sql: String, _ connection: Connection) throws -> String {
    var result = ""
    try connection.prepare(sql).query { (row) throws(StorageError) in result = try row.text(0) }
    return result
  }
}

extension CheckpointPolicy {
  fileprivate init(pagesBetween: Int, pagesMax: Int) {
    self.init(pageBytes: 4_096)
    (self.pagesBetween, self.pagesMax) = (pagesBetween, pagesMax)
  }
}
