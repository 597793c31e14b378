import CapacityEngine
import GRDBSQLite

/// SQLite's online backup of one database into another, https://www.sqlite.org/c3ref/backup_finish.html.
@safe struct PageCopy: ~Copyable {
  private let handle: OpaquePointer
  private let destination: Connection

  /// - Parameters:
  ///   - source: inside a read transaction, so that the copy is of one state and never begins anew.
  ///   - destination: its database is replaced.
  init(from source: Connection, to destination: Connection) throws(StorageError) {
    let copy = unsafe sqlite3_backup_init(destination.handle, "main", source.handle, "main")
    guard let copy = unsafe copy else {
      throw unsafe StorageError(sqlite3_errcode(destination.handle), in: destination.handle)
    }
    unsafe handle = copy
    self.destination = destination
  }

  deinit {
    // Where it failed, the step has said why.
    unsafe sqlite3_backup_finish(handle)
  }

  /// Copies `pages` more.
  /// - Returns: whether there are more.
  func step(pages: Int32) throws(StorageError) -> Bool {
    let code = unsafe sqlite3_backup_step(handle, pages)
    switch code {
    case SQLITE_OK: return true
    case SQLITE_DONE: return false
    default:
      throw StorageError(code: code, message: unsafe String(cString: sqlite3_errstr(code)))
    }
  }

  /// How many pages there are, and how many of them are copied.
  var pages: (total: Int, done: Int) {
    let total = unsafe sqlite3_backup_pagecount(handle)
    let left = unsafe sqlite3_backup_remaining(handle)
    return (Int(total), Int(total - left))
  }
}
