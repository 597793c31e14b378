import Foundation
import GRDBSQLite

/// Gathers what SQLite writes into its log, so that it goes to the file in a few large writes: SQLite makes two calls for every page,
/// one of them for its header of 24 bytes.
///
/// A layer between SQLite and its own way to files (https://www.sqlite.org/vfs.html), for the log alone. The one thing to know: it is
/// for connections that sync each commit (`synchronous = FULL`). What is gathered reaches the file before that sync, and nobody else
/// looks for a commit before it; without a sync others would look for pages that are not there.
enum JoinedLogWrites {
  /// So much is gathered at most; a page and its header are 4,120 bytes.
  static let bytesMax = 1 << 16
  // Those above 100 are for layers.
  fileprivate static let forgetting: Int32 = 0x6375_706f

  /// What `sqlite3_open_v2` calls the layer, which lasts as long as the process. Nil where SQLite has nothing to lay it over.
  static let vfs = unsafe register("cupo-joined-log", over: sqlite3_vfs_find(nil))

  private static func register(
    _ name: String, over base: UnsafeMutablePointer<sqlite3_vfs>?
  ) -> String? {
    guard let base = unsafe base else { return nil }
    let layer = UnsafeMutablePointer<Layer>.allocate(capacity: 1)
    unsafe layer.initialize(to: Layer(base: base, methods: GatheringFile.methods))
    let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe vfs.initialize(to: base.pointee)
    unsafe vfs.pointee.zName = UnsafePointer(strdup(name))
    unsafe vfs.pointee.szOsFile += Int32(GatheringFile.headBytes)
    unsafe vfs.pointee.pAppData = UnsafeMutableRawPointer(layer)
    unsafe vfs.pointee.xOpen = { vfs, name, file, flags, outFlags in
      unsafe GatheringFile.open(vfs, name, file, flags, outFlags)
    }
    return unsafe sqlite3_vfs_register(vfs, 0) == SQLITE_OK ? name : nil
  }

  /// To be called at the end of each transaction of `database` that wrote, before anybody else may write: forgets what one that did
  /// not end well has left unwritten, for its place in the file is theirs.
  static func endTransaction(in database: OpaquePointer) {
    var log: UnsafeMutablePointer<sqlite3_file>?
    unsafe sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
    guard let methods = unsafe log?.pointee.pMethods else { return }
    _ = unsafe methods.pointee.xFileControl(log, forgetting, nil)
  }
}

@safe private struct Layer {
  let base: UnsafeMutablePointer<sqlite3_vfs>
  let methods: sqlite3_io_methods
}

/// A log of SQLite. It lies in memory that SQLite gives, before the file that it stands for.
@safe private struct GatheringFile {
  // First, for SQLite looks for it there.
  private var head: sqlite3_file
  private let file: UnsafeMutablePointer<sqlite3_file>
  private let gathered: UnsafeMutableRawPointer
  private var count = 0
  // Where in the file what is gathered begins.
  private var start: Int64 = 0
  // Since this turn's commit was synced: what SQLite writes behind that, to fill up a sector, it does not sync again.
  private var isSynced = false

  // https://www.sqlite.org/fileformat2.html#walformat
  private static let logHeaderBytes: Int64 = 32
  static let headBytes = (MemoryLayout<GatheringFile>.size + 15) & ~15

  static func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?,
    _ place: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let place = unsafe place,
      let layer = unsafe vfs?.pointee.pAppData?.assumingMemoryBound(to: Layer.self)
    else { return SQLITE_CANTOPEN }
    let base = unsafe layer.pointee.base
    guard flags & SQLITE_OPEN_WAL != 0 else {
      return unsafe base.pointee.xOpen(base, name, place, flags, outFlags)
    }
    let file = unsafe (UnsafeMutableRawPointer(place) + headBytes)
      .assumingMemoryBound(to: sqlite3_file.self)
    let code = unsafe base.pointee.xOpen(base, name, file, flags, outFlags)
    // SQLite closes what has methods, opened or not.
    guard unsafe file.pointee.pMethods != nil else {
      unsafe place.pointee.pMethods = nil
      return code
    }
    let head = unsafe sqlite3_file(pMethods: layer.pointer(to: \.methods))
    let gathered = UnsafeMutableRawPointer.allocate(
      byteCount: JoinedLogWrites.bytesMax, alignment: 16)
    unsafe UnsafeMutableRawPointer(place).initializeMemory(
      as: GatheringFile.self, to: GatheringFile(head: head, file: file, gathered: gathered))
    return code
  }

  /// What SQLite asks of a log. Nobody locks one: that is done to the database.
  static var methods: sqlite3_io_methods {
    var methods = sqlite3_io_methods()
    methods.iVersion = 1
    unsafe methods.xClose = { unsafe GatheringFile.at($0).pointee.close() }
    unsafe methods.xRead = { unsafe GatheringFile.at($0).pointee.read($1, $2, $3) }
    unsafe methods.xWrite = { unsafe GatheringFile.at($0).pointee.write($1, $2, $3) }
    unsafe methods.xTruncate = { log, size in
      unsafe GatheringFile.at(log).pointee.whenWritten { unsafe $0.xTruncate($1, size) }
    }
    unsafe methods.xSync = { unsafe GatheringFile.at($0).pointee.sync($1) }
    unsafe methods.xFileSize = { log, size in
      unsafe GatheringFile.at(log).pointee.whenWritten { unsafe $0.xFileSize($1, size) }
    }
    unsafe methods.xLock = { _, _ in SQLITE_OK }
    unsafe methods.xUnlock = { _, _ in SQLITE_OK }
    unsafe methods.xCheckReservedLock = { _, isReserved in
      unsafe isReserved?.pointee = 0
      return SQLITE_OK
    }
    unsafe methods.xFileControl = { unsafe GatheringFile.at($0).pointee.control($1, $2) }
    unsafe methods.xSectorSize = {
      unsafe GatheringFile.at($0).pointee.below.xSectorSize(GatheringFile.at($0).pointee.file)
    }
    unsafe methods.xDeviceCharacteristics = {
      unsafe GatheringFile.at($0).pointee.below.xDeviceCharacteristics(
        GatheringFile.at($0).pointee.file)
    }
    return methods
  }

  // SQLite calls with what `open` has made.
  fileprivate static func at(
    _ log: UnsafeMutablePointer<sqlite3_file>?
  ) -> UnsafeMutablePointer<GatheringFile> {
    unsafe UnsafeMutableRawPointer(log!).assumingMemoryBound(to: GatheringFile.self)
  }

  private var below: sqlite3_io_methods { unsafe file.pointee.pMethods.pointee }

  private mutating func write(
    _ bytes: UnsafeRawPointer?, _ size: Int32, _ offset: Int64
  ) -> Int32 {
    let size = Int(size)
    guard let bytes = unsafe bytes, size <= JoinedLogWrites.bytesMax, !isSynced else {
      return unsafe whenWritten { below, file in
        unsafe below.xWrite(file, bytes, Int32(size), offset)
      }
    }
    if offset != start + Int64(count) || count + size > JoinedLogWrites.bytesMax {
      let code = writeGathered()
      guard code == SQLITE_OK else { return code }
      start = offset
    }
    unsafe (gathered + count).copyMemory(from: bytes, byteCount: size)
    count += size
    return SQLITE_OK
  }

  // What cannot be written is gone, as it would be had SQLite written it: the commit that it is of fails.
  private mutating func writeGathered() -> Int32 {
    guard count > 0 else { return SQLITE_OK }
    let (size, offset) = (Int32(count), start)
    forget()
    return unsafe below.xWrite(file, gathered, size, offset)
  }

  private mutating func forget() {
    start += Int64(count)
    count = 0
  }

  private mutating func whenWritten(
    _ body: (sqlite3_io_methods, UnsafeMutablePointer<sqlite3_file>) -> Int32
  ) -> Int32 {
    let code = writeGathered()
    return code == SQLITE_OK ? unsafe body(below, file) : code
  }

  private mutating func read(
    _ bytes: UnsafeMutableRawPointer?, _ size: Int32, _ offset: Int64
  ) -> Int32 {
    unsafe whenWritten { below, file in unsafe below.xRead(file, bytes, size, offset) }
  }

  private mutating func sync(_ flags: Int32) -> Int32 {
    let code = unsafe whenWritten { below, file in unsafe below.xSync(file, flags) }
    // A log that begins anew has a sync for its header alone.
    isSynced = start > GatheringFile.logHeaderBytes
    return code
  }

  private mutating func control(_ operation: Int32, _ value: UnsafeMutableRawPointer?) -> Int32 {
    guard operation == JoinedLogWrites.forgetting else {
      return unsafe below.xFileControl(file, operation, value)
    }
    forget()
    isSynced = false
    return SQLITE_OK
  }

  // Nobody has synced what is still gathered, so nobody counts on it.
  private mutating func close() -> Int32 {
    unsafe gathered.deallocate()
    return unsafe below.xClose(file)
  }
}
