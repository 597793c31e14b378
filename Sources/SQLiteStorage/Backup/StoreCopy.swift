import CapacityEngine
import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Copies one state of a SQLite file into a new one, also while another process writes to it.
///
/// It holds a read transaction, so the copy is of one state and commits go on; until it ends the server's write-ahead log
/// cannot begin anew. The disk is what both want: so it goes in small steps, rests as long as it works, and lets the system
/// write in small portions, for a sync of the server's waits for whatever is being written at the time.
struct StoreCopy {
  private static let bytesPerStep = 1 << 20
  private static let stepsPerSync = 8

  let source: String
  let destination: StoreFile
  /// Whether nobody is waiting for the disk.
  var isAlone = false
  var step: String

  func run(_ observer: ProgressObserver?) throws(StorageError) {
    destination.remove()
    let from = try Connection(path: source, .reading, busyMilliseconds: 5000)
    let to = try Connection(path: destination.path, .creating, busyMilliseconds: 5000)
    // It is no good before it is whole, so it needs no journal.
    try to.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048")
    try from.execute("BEGIN")
    try from.execute("SELECT count(*) FROM sqlite_schema")
    try copy(from, to, observer)
    try from.execute("COMMIT")
    // One file that can be carried anywhere.
    try to.execute("PRAGMA journal_mode = DELETE")
  }

  private func copy(
    _ from: Connection, _ to: Connection, _ observer: ProgressObserver?
  ) throws(StorageError) {
    let copy = try PageCopy(from: from, to: to)
    let pageBytes = try from.pageBytes()
    var (isMore, steps) = (true, 0)
    while isMore {
      let start = DispatchTime.now().uptimeNanoseconds
      isMore = try copy.step(pages: Int32(Self.bytesPerStep / pageBytes))
      steps += 1
      if steps.isMultiple(of: Self.stepsPerSync) { try destination.sync() }
      let pages = copy.pages
      observer?(
        WorkProgress(
          step, done: pages.done * pageBytes, of: pages.total * pageBytes, .bytes))
      let took = (DispatchTime.now().uptimeNanoseconds - start) / 1_000
      if isMore, !isAlone { usleep(UInt32(clamping: took)) }
    }
  }
}
