import CapacityEngine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file on the way to being somewhere for good, and what lies beside a SQLite file.
struct StoreFile {
  let path: String

  init(_ path: String) { self.path = path }

  /// The write-ahead log and its index.
  var companions: [StoreFile] { ["-wal", "-shm"].map { StoreFile(path + $0) } }

  var exists: Bool { unsafe access(path, F_OK) == 0 }

  /// Whether both are the same file, by whatever names.
  func isSame(as other: StoreFile) -> Bool {
    var (one, two) = (stat(), stat())
    guard unsafe stat(path, &one) == 0, unsafe stat(other.path, &two) == 0 else { return false }
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }

  /// The first bytes, at most `count`.
  func beginning(_ count: Int) throws(StorageError) -> [UInt8] {
    let descriptor = try descriptor(O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe pread(descriptor, &bytes, count, 0)
    guard read >= 0 else { throw failure("read") }
    return Array(bytes.prefix(read))
  }

  /// Returns when the bytes of the file are on the disk.
  func sync() throws(StorageError) {
    let descriptor = try descriptor(O_RDONLY)
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync") }
  }

  /// Takes the place of `other`, at once and for good.
  func rename(to other: StoreFile) throws(StorageError) {
    guard systemRename(path, other.path) == 0 else { throw failure("rename") }
    try StoreFile(other.folder).sync()
  }

  /// Is also found by the name of `other` from now on.
  func link(to other: StoreFile) throws(StorageError) {
    guard systemLink(path, other.path) == 0 else { throw failure("link") }
    try StoreFile(other.folder).sync()
  }

  /// Makes a store that nobody else has open one file: its log goes with the last connection.
  func fold() throws(StorageError) {
    try emptyLog()
    guard !companions.contains(where: \.exists) else {
      throw StorageError(.unavailable, "somebody looks at \(path)")
    }
  }

  // A connection learns that there is a log by reading.
  private func emptyLog() throws(StorageError) {
    let connection = try Connection(path: path, .writing, busyMilliseconds: 5000)
    try connection.execute("SELECT count(*) FROM sqlite_schema")
    _ = try connection.checkpoint(.truncate)
  }

  /// Removes the file and what lies beside it, where they are.
  func remove() {
    // What cannot be removed is in the way of whoever comes next, who then says so.
    for file in [self] + companions { _ = unsafe unlink(file.path) }
  }

  private var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func descriptor(_ flags: Int32) throws(StorageError) -> Int32 {
    let descriptor = unsafe open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open") }
    return descriptor
  }

  private func failure(_ verb: String) -> StorageError {
    let code = errno
    return StorageError(
      .unavailable, "cannot \(verb) \(path): \(unsafe String(cString: strerror(code)))")
  }
}

// By other names: inside ``StoreFile``, `rename` and `link` are its own.
private func systemLink(_ old: String, _ new: String) -> Int32 {
  unsafe link(old, new)
}

private func systemRename(_ old: String, _ new: String) -> Int32 {
  unsafe rename(old, new)
}
