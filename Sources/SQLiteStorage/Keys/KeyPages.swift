import CapacityEngine

/// The tables of runs, over one connection.
final class KeyPages {
  /// Entries of a page: with them a row fills a page of the database.
  static let entriesPerPage = 240
  // A page's row is named by its run and its place in it.
  private static let pagesPerRun: Int64 = 1 << 32

  private let page: Statement
  private let insertPage: Statement
  private let insertRun: Statement
  private let deleteRun: Statement
  private let deletePages: Statement
  private let count: Statement
  private let runs: Statement
  private let last: Statement

  init(_ connection: Connection) throws(StorageError) {
    page = try connection.prepare("SELECT body FROM key_page WHERE id = ?")
    insertPage = try connection.prepare("INSERT INTO key_page VALUES (?, ?)")
    insertRun = try connection.prepare("INSERT INTO key_run VALUES (?1, ?2, ?3, ?4, ?5)")
    deleteRun = try connection.prepare("DELETE FROM key_run WHERE id = ?")
    deletePages = try connection.prepare(
      "DELETE FROM key_page WHERE id IN (SELECT id FROM key_page WHERE id >= ? AND id < ? LIMIT ?)")
    count = try connection.prepare("SELECT changes()")
    runs = try connection.prepare(
      "SELECT id, last_number, count, filter, fences FROM key_run ORDER BY last_number")
    last = try connection.prepare("SELECT max(id) FROM key_page")
  }

  /// All runs, the oldest first.
  func allRuns() throws(StorageError) -> [KeyRun] {
    var all: [KeyRun] = []
    try runs.query { (row) throws(StorageError) in
      let run = KeyRun(
        id: row.int(0), lastNumber: row.uint(1), count: Int(row.int(2)),
        filter: KeyFilter(words: row.bytes(3).words), fences: row.bytes(4).words)
      guard run.fences.count == (run.count + Self.entriesPerPage - 1) / Self.entriesPerPage,
        !run.filter.words.isEmpty
      else { throw StorageError(.corrupt, "run \(run.id) of the keys is damaged") }
      all.append(run)
    }
    return all
  }

  /// The highest run that has pages; 0: there are none.
  func lastRun() throws(StorageError) -> Int64 {
    var last: Int64 = 0
    try self.last.query { (row) throws(StorageError) in last = row.int(0) / Self.pagesPerRun }
    return last
  }

  func entries(_ run: KeyRun, _ index: Int) throws(StorageError) -> [KeyEntry] {
    var found: [KeyEntry]?
    try page.query { values in
      values.bind(1, run.id * Self.pagesPerRun + Int64(index))
    } each: { (row) throws(StorageError) in
      let words = row.bytes(0).words
      found = stride(from: 0, to: words.count - 1, by: 2).map {
        KeyEntry(hash: words[$0], number: words[$0 + 1])
      }
    }
    guard let found, !found.isEmpty else {
      throw StorageError(.corrupt, "page \(index) of run \(run.id) of the keys is missing")
    }
    return found
  }

  func write(_ entries: some Collection<KeyEntry>, run: Int64, page: Int) throws(StorageError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.count * 16)
    for entry in entries {
      bytes.append(word: entry.hash)
      bytes.append(word: entry.number)
    }
    try insertPage.run(lending: bytes) { values in
      values.bind(1, run * Self.pagesPerRun + Int64(page))
      values.bindBlob(2)
    }
  }

  func write(_ run: KeyRun) throws(StorageError) {
    var bytes: [UInt8] = []
    for word in run.filter.words { bytes.append(word: word) }
    let border = bytes.count
    for fence in run.fences { bytes.append(word: fence) }
    try insertRun.run(lending: bytes) { values in
      values.bind(1, run.id)
      values.bind(2, run.lastNumber)
      values.bind(3, Int64(run.count))
      values.bind(4, blobIn: 0..<border)
      values.bind(5, blobIn: border..<bytes.count)
    }
  }

  func deleteRun(_ id: Int64) throws(StorageError) {
    try deleteRun.run { values in values.bind(1, id) }
  }

  /// Deletes pages of runs, at most `limit` of them.
  /// - Returns: how many there were.
  func deletePages(of runs: Range<Int64>, limit: Int) throws(StorageError) -> Int {
    try deletePages.run { values in
      values.bind(1, runs.lowerBound * Self.pagesPerRun)
      values.bind(2, runs.upperBound * Self.pagesPerRun)
      values.bind(3, Int64(limit))
    }
    var deleted: Int64 = 0
    try count.query { (row) throws(StorageError) in deleted = row.int(0) }
    return Int(deleted)
  }
}
