import CapacityEngine
import GRDB
import GRDBSQLite

/// The one place where SQLite's result codes become the port's errors.
extension StorageError {
  /// - Parameter code: primary or extended, https://www.sqlite.org/rescode.html.
  init(code: Int32, message: String) {
    self.init(StorageError.kind(of: code & 0xFF), "SQLite \(code): \(message)")
  }

  /// What GRDB threw.
  init(_ error: any Error) {
    if let error = error as? StorageError {
      self = error
    } else if let error = error as? DatabaseError {
      self.init(code: error.extendedResultCode.rawValue, message: error.message ?? "no message")
    } else {
      self.init(.unavailable, "\(error)")
    }
  }

  private static func kind(of primaryCode: Int32) -> Kind {
    switch primaryCode {
    // A row that must not be there is: somebody else wrote it.
    case SQLITE_CONSTRAINT: .conflict
    // SQLITE_ERROR: a statement does not fit the schema.
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_SCHEMA, SQLITE_MISMATCH,
      SQLITE_ERROR:
      .corrupt
    // Full, read-only, I/O, busy, out of memory, cannot open: it may work again.
    default: .unavailable
    }
  }
}
