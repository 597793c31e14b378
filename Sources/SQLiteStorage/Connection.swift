import CapacityEngine
import GRDBSQLite

/// One raw SQLite connection. Used from one thread at a time.
@safe final class Connection {
  /// Of SQLite's own; for those who call it beside this.
  let handle: OpaquePointer
  // Nil: nobody else writes.
  private let turns: WriteTurns?
  private let isBesideLane: Bool
  private let joinsLogWrites: Bool

  /// How a connection is opened.
  enum Mode {
    case reading, writing
    /// Makes the file where there is none.
    case creating

    fileprivate var flags: Int32 {
      switch self {
      case .reading: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
      case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
      case .creating: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
      }
    }
  }

  /// How far a checkpoint goes, https://www.sqlite.org/c3ref/wal_checkpoint_v2.html.
  enum Checkpoint {
    /// What it can without keeping anybody waiting.
    case passive
    /// Everything, so that the log begins anew; fails with SQLITE_BUSY where somebody reads or checkpoints.
    case restart
    /// The same, and cuts the file.
    case truncate

    fileprivate var mode: Int32 {
      switch self {
      case .passive: SQLITE_CHECKPOINT_PASSIVE
      case .restart: SQLITE_CHECKPOINT_RESTART
      case .truncate: SQLITE_CHECKPOINT_TRUNCATE
      }
    }
  }

  /// Opens a file that exists, unless it is to be made.
  convenience init(path: String, _ mode: Mode, busyMilliseconds: Int32) throws(StorageError) {
    try self.init(path, mode, busyMilliseconds, nil, isBesideLane: false, vfs: nil)
  }

  private init(
    _ path: String, _ mode: Mode, _ busyMilliseconds: Int32, _ turns: WriteTurns?,
    isBesideLane: Bool, vfs: String?
  ) throws(StorageError) {
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &opened, mode.flags, vfs)
    guard code == SQLITE_OK, let database = unsafe opened else {
      let message = unsafe String(cString: sqlite3_errstr(code))
      unsafe sqlite3_close_v2(opened)
      throw StorageError(code: code, message: "\(path): \(message)")
    }
    unsafe handle = database
    self.turns = turns
    self.isBesideLane = isBesideLane
    joinsLogWrites = vfs != nil
    unsafe sqlite3_extended_result_codes(database, 1)
    unsafe sqlite3_busy_timeout(database, busyMilliseconds)
  }

  /// The lane's: each commit is synced, and written into the log in large pieces.
  static func ofTheLane(
    _ file: ServedFile, busyMilliseconds: Int32
  ) throws(StorageError) -> Connection {
    let connection = try Connection(
      file.path, .writing, busyMilliseconds, file.turns, isBesideLane: false,
      vfs: JoinedLogWrites.vfs)
    try connection.execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;")
    return connection
  }

  /// One that writes beside the lane, in small steps. What it wrote last may be lost in a crash, and is then done again; moving
  /// pages into the database is the background's.
  static func besideTheLane(_ file: ServedFile) throws(StorageError) -> Connection {
    let connection = try Connection(
      file.path, .writing, 5000, file.turns, isBesideLane: true, vfs: nil)
    try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;")
    return connection
  }

  deinit {
    // Closes when the last statement is finalised.
    unsafe sqlite3_close_v2(handle)
  }

  func prepare(_ sql: String) throws(StorageError) -> Statement {
    try unsafe Statement(preparing: sql, in: handle)
  }

  /// Runs statements that nobody prepares.
  func execute(_ sql: String) throws(StorageError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw unsafe StorageError(code, in: handle) }
  }

  /// Runs `body` in a transaction that writes; what it throws leaves nothing behind.
  func transaction<Result>(
    _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    beginTurn()
    defer { endTurn() }
    try execute("BEGIN IMMEDIATE")
    do throws(StorageError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A full disk may have ended it already; and the first error is the one that matters.
      if isInTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Returns when it is this connection's turn to begin a transaction that writes; `endTurn` follows its end.
  func beginTurn() {
    if isBesideLane { turns?.beginBeside() } else { turns?.begin() }
  }

  func endTurn() {
    if joinsLogWrites { unsafe JoinedLogWrites.endTransaction(in: handle) }
    turns?.end()
  }

  var isInTransaction: Bool {
    unsafe sqlite3_get_autocommit(handle) == 0
  }

  /// What the file's pages have; it keeps what it was made with.
  func pageBytes() throws(StorageError) -> Int {
    var bytes: Int64 = 0
    try prepare("PRAGMA page_size").query { (row) throws(StorageError) in bytes = row.int(0) }
    return Int(bytes)
  }

  func setBusyTimeout(milliseconds: Int32) {
    unsafe sqlite3_busy_timeout(handle, milliseconds)
  }

  /// Moves pages from the write-ahead log into the database.
  /// - Returns: how many pages the log has, and how many of them are in the database.
  func checkpoint(
    _ checkpoint: Checkpoint
  ) throws(StorageError) -> (logged: Int32, moved: Int32) {
    var logged: Int32 = 0
    var moved: Int32 = 0
    let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, checkpoint.mode, &logged, &moved)
    guard code == SQLITE_OK else { throw unsafe StorageError(code, in: handle) }
    return (logged, moved)
  }

  /// From now on `gauge` follows the length of the log; takes the place of SQLite's own checkpointing.
  func report(to gauge: LogGauge) {
    let context = unsafe Unmanaged.passUnretained(gauge).toOpaque()
    unsafe sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        guard let context = unsafe context else { return SQLITE_OK }
        unsafe Unmanaged<LogGauge>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
        return SQLITE_OK
      }, context)
  }

  /// No gauge is told any more.
  func stopReporting() {
    unsafe sqlite3_wal_hook(handle, nil, nil)
  }
}

extension StorageError {
  /// What went wrong last in `database`.
  init(_ code: Int32, in database: OpaquePointer) {
    let message = unsafe String(cString: sqlite3_errmsg(database))
    self.init(code: code, message: message)
  }
}
