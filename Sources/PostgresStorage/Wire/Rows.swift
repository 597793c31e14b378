import CPostgres
import CapacityEngine

/// What a statement answered, in binary form.
@safe final class Rows {
  private let handle: OpaquePointer

  /// Takes over `handle`.
  init(_ handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    unsafe PQclear(handle)
  }

  var count: Int { Int(unsafe PQntuples(handle)) }

  /// What the statement did, as in `COMMIT`.
  var tag: String {
    guard let text = unsafe PQcmdStatus(handle) else { return "" }
    return unsafe String(cString: text)
  }

  /// How many rows it wrote.
  var affected: Int {
    guard let text = unsafe PQcmdTuples(handle) else { return 0 }
    return Int(unsafe String(cString: text)) ?? 0
  }

  func int(_ row: Int, _ column: Int32) throws(StorageError) -> Int64 {
    guard unsafe PQgetlength(handle, Int32(row), column) == 8,
      let start = unsafe PQgetvalue(handle, Int32(row), column)
    else { throw StorageError(.corrupt, "a column is not what this version understands") }
    var value: UInt64 = 0
    for index in 0..<8 { value = value << 8 | UInt64(UInt8(bitPattern: unsafe start[index])) }
    return Int64(bitPattern: value)
  }

  func uint(_ row: Int, _ column: Int32) throws(StorageError) -> UInt64 {
    UInt64(bitPattern: try int(row, column))
  }

  func bytes(_ row: Int, _ column: Int32) -> [UInt8] {
    let count = Int(unsafe PQgetlength(handle, Int32(row), column))
    guard let start = unsafe PQgetvalue(handle, Int32(row), column) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  func text(_ row: Int, _ column: Int32) throws(StorageError) -> String {
    guard let text = String(validating: bytes(row, column), as: UTF8.self) else {
      throw StorageError(.corrupt, "a stored name is not UTF-8")
    }
    return text
  }
}
