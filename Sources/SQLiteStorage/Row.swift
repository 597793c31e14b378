import CapacityEngine
import GRDBSQLite

/// The row on which a statement stands.
@safe struct Row {
  private let statement: OpaquePointer

  init(_ statement: OpaquePointer) {
    unsafe self.statement = statement
  }

  func int(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(statement, column)
  }

  func uint(_ column: Int32) -> UInt64 {
    UInt64(bitPattern: int(column))
  }

  /// A copy of a blob's or text's bytes.
  func bytes(_ column: Int32) -> [UInt8] {
    // The order matters: asking for the pointer may convert, and only then the count is right.
    let start = unsafe sqlite3_column_blob(statement, column)
    let count = unsafe sqlite3_column_bytes(statement, column)
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
  }

  func text(_ column: Int32) throws(StorageError) -> String {
    guard let text = String(validating: bytes(column), as: UTF8.self) else {
      throw StorageError(.corrupt, "a stored name is not UTF-8")
    }
    return text
  }
}
