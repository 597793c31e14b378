import GRDBSQLite

/// Binds the values of one run of a statement. Texts and blobs are parts of the lent bytes, never copied; the buffer
/// outlives the run.
@safe struct BoundValues {
  private let statement: OpaquePointer
  private let bytes: UnsafeBufferPointer<UInt8>
  // SQLite takes a nil pointer for NULL, whatever the length.
  private static let empty: StaticString = ""

  init(_ statement: OpaquePointer, _ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.statement = statement
    unsafe self.bytes = bytes
  }

  func bind(_ index: Int32, _ value: Int64) {
    check(unsafe sqlite3_bind_int64(statement, index, value))
  }

  /// Numbers beyond 2^63 keep their bits.
  func bind(_ index: Int32, _ value: UInt64) {
    bind(index, Int64(bitPattern: value))
  }

  /// The lent bytes in `range` as text.
  func bind(_ index: Int32, textIn range: Range<Int>) {
    let start = unsafe start(of: range)
    unsafe check(
      start.withMemoryRebound(to: CChar.self, capacity: range.count) { text in
        unsafe sqlite3_bind_text(statement, index, text, Int32(range.count), nil)
      })
  }

  /// The lent bytes from `start` on as text.
  func bind(_ index: Int32, textFrom start: Int) {
    bind(index, textIn: start..<count)
  }

  /// The lent bytes in `range` as a blob.
  func bind(_ index: Int32, blobIn range: Range<Int>) {
    let start = unsafe start(of: range)
    unsafe check(sqlite3_bind_blob(statement, index, start, Int32(range.count), nil))
  }

  /// All lent bytes as a blob.
  func bindBlob(_ index: Int32) {
    bind(index, blobIn: 0..<count)
  }

  private var count: Int { unsafe bytes.count }

  private func start(of range: Range<Int>) -> UnsafePointer<UInt8> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "beyond the lent bytes")
    guard !range.isEmpty, let base = unsafe bytes.baseAddress else {
      return unsafe BoundValues.empty.utf8Start
    }
    return unsafe base + range.lowerBound
  }

  private func check(_ code: Int32) {
    precondition(code == SQLITE_OK, "a statement is bound with values it has no place for")
  }
}
