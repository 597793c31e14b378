import CapacityEngine
import GRDBSQLite

/// One prepared statement; finalised with its owner.
@safe struct Statement: ~Copyable {
  private let handle: OpaquePointer

  init(preparing sql: String, in database: OpaquePointer) throws(StorageError) {
    var prepared: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let statement = unsafe prepared else {
      throw unsafe StorageError(code, in: database)
    }
    unsafe handle = statement
  }

  deinit {
    unsafe sqlite3_finalize(handle)
  }

  /// Runs a statement without rows.
  ///
  /// - Parameters:
  ///   - bytes: what `bind` binds texts and blobs from, without a copy.
  func run(
    lending bytes: [UInt8] = [], _ bind: (BoundValues) -> Void = { _ in }
  ) throws(StorageError) {
    try query(lending: bytes, bind) { (_) throws(StorageError) in }
  }

  /// Runs a statement and hands `each` its rows; a row is valid inside the closure only.
  func query(
    lending bytes: [UInt8] = [], _ bind: (BoundValues) -> Void = { _ in },
    each: (Row) throws(StorageError) -> Void
  ) throws(StorageError) {
    try unsafe bytes.withUnsafeBufferPointer { (buffer) throws(StorageError) in
      // Nothing of the buffer may stay bound when it goes back.
      defer {
        unsafe sqlite3_reset(handle)
        if !buffer.isEmpty { unsafe sqlite3_clear_bindings(handle) }
      }
      bind(unsafe BoundValues(handle, buffer))
      while try step() { try each(unsafe Row(handle)) }
    }
  }

  /// - Returns: whether there is a row.
  private func step() throws(StorageError) -> Bool {
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw unsafe StorageError(code, in: sqlite3_db_handle(handle))
    }
  }
}
