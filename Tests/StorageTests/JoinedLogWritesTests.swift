import CapacityEngine
import Foundation
import TemporaryFolders
import Testing

@testable import SQLiteStorage

/// The layer that joins what is written into SQLite's log, on real files.
@Suite("Joined writes of the log")
struct JoinedLogWritesTests {
  private let folder: TemporaryFolder
  private let file: ServedFile

  init() throws {
    folder = try TemporaryFolder()
    file = ServedFile(path: folder.path + "/cupo.db")
    let connection = try Connection(path: file.path, .creating, busyMilliseconds: 0)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL;
      CREATE TABLE thing (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
      INSERT INTO thing VALUES (0, x'00');
      """)
  }

  private func lane(cachePages: Int = 1_000) throws -> Connection {
    let connection = try Connection.ofTheLane(file, busyMilliseconds: 0)
    // No checkpoints: what was written is in the log alone.
    try connection.execute("PRAGMA cache_size = \(cachePages); PRAGMA wal_autocheckpoint = 0")
    return connection
  }

  private func insert(_ numbers: ClosedRange<Int>, _ connection: Connection) throws(StorageError) {
    for number in numbers {
      try connection.execute("INSERT INTO thing VALUES (\(number), zeroblob(2000))")
    }
  }

  private func value(_ sql: String, _ connection: Connection) throws(StorageError) -> String {
    var text = ""
    try connection.prepare(sql).query { (row) throws(StorageError) in text = try row.text(0) }
    return text
  }

  private func logBytes() throws -> Int {
    try Data(contentsOf: URL(filePath: file.path + "-wal")).count
  }

  // Calls of this thread that wrote something, as the kernel counts them.
  private func writes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("syscw: ") })
    return try #require(Int(line.dropFirst("syscw: ".count)))
  }

  @Test func aCommitIsWrittenInFewPieces() throws {
    let connection = try lane()
    let (before, bytesBefore) = (try writes(), try logBytes())
    try connection.transaction { () throws(StorageError) in try insert(1...400, connection) }
    let made = try writes() - before
    let bytes = try logBytes() - bytesBefore
    #expect(bytes > 800_000)
    // Two for each page without the layer. A piece ends where the next page does not fit, and the last is not full.
    #expect(made <= bytes / JoinedLogWrites.bytesMax + 3, "\(made) writes of \(bytes) bytes")
  }

  @Test func whatIsSyncedIsInTheFile() throws {
    let connection = try lane()
    let reader = try Connection(path: file.path, .reading, busyMilliseconds: 0)
    for number in 1...40 {
      try connection.transaction { () throws(StorageError) in
        try insert(number * 10...number * 10 + 9, connection)
      }
      #expect(try value("SELECT count(*) FROM thing", reader) == "\(number * 10 + 1)")
    }
    #expect(try value("PRAGMA integrity_check", reader) == "ok")
  }

  /// A transaction that is larger than the cache writes pages before it ends, and reads them again.
  @Test func aTransactionReadsWhatItHasGathered() throws {
    let connection = try lane(cachePages: 8)
    try connection.transaction { () throws(StorageError) in
      for number in 1...200 {
        try insert(number...number, connection)
        let sum = try value("SELECT count(*) FROM thing WHERE length(body) = 2000", connection)
        guard sum == "\(number)" else { throw StorageError(.corrupt, "\(sum) of \(number)") }
      }
    }
    let reader = try Connection(path: file.path, .reading, busyMilliseconds: 0)
    #expect(try value("SELECT count(*) FROM thing", reader) == "201")
    #expect(try value("PRAGMA integrity_check", reader) == "ok")
  }

  /// Where a write may damage what lies beside it, SQLite fills up the sector of each commit, and the sync is before the last of that.
  @Test func whatFillsUpASectorIsInTheFile() throws {
    let connection = try Connection.ofTheLane(
      ServedFile(path: "file:\(file.path)?psow=0"), busyMilliseconds: 0)
    let reader = try Connection(path: file.path, .reading, busyMilliseconds: 0)
    for number in 1...40 {
      try connection.transaction { () throws(StorageError) in
        try insert(number * 3...number * 3 + 2, connection)
      }
      #expect(try value("SELECT count(*) FROM thing", reader) == "\(number * 3 + 1)")
    }
    // What SQLite adds is a page or two for each commit.
    #expect(try logBytes() > 40 * 3 * 4_120)
    #expect(try value("PRAGMA integrity_check", reader) == "ok")
  }

  /// The next transaction is written where the one that failed would have been, by whoever is next.
  @Test(arguments: 1...40) func whatFailedIsNotWrittenLater(_ count: Int) throws {
    let connection = try lane(cachePages: 8)
    #expect(throws: StorageError.self) {
      try connection.transaction { () throws(StorageError) in
        try insert(1...count, connection)
        throw StorageError(.unavailable, "enough")
      }
    }
    let beside = try Connection.besideTheLane(file)
    try beside.transaction { () throws(StorageError) in try insert(1_001...1_040, beside) }
    try connection.transaction { () throws(StorageError) in try insert(2_001...2_002, connection) }
    let reader = try Connection(path: file.path, .reading, busyMilliseconds: 0)
    #expect(try value("SELECT count(*) FROM thing", reader) == "43")
    #expect(try value("PRAGMA integrity_check", reader) == "ok")
  }
}
