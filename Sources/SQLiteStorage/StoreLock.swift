import CapacityEngine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to write to a store: an flock on a file beside it, which the kernel takes back when the process dies.
struct StoreLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock of the store at `path`.
  ///
  /// - Throws: `inUse` with the owner's process id; `unavailable` where the file cannot be made.
  init(path: String) throws(StorageError) {
    let lockPath = StoreLock.canonical(path) + ".lock"
    let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StorageError(.unavailable, "cannot open \(lockPath): \(StoreLock.systemError())")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let reason = StoreLock.systemError()
      let owner = StoreLock.owner(descriptor)
      close(descriptor)
      guard isTaken else {
        throw StorageError(.unavailable, "cannot lock \(lockPath): \(reason)")
      }
      throw StorageError(.inUse, "\(path) is being served by process \(owner)")
    }
    self.descriptor = descriptor
    StoreLock.sign(descriptor)
  }

  deinit {
    close(descriptor)
  }

  /// Whether somebody has the lock of the store at `path` just now.
  static func isTaken(path: String) -> Bool {
    let descriptor = unsafe open(canonical(path) + ".lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  // The id is for people; the lock holds without it, so a disk too full to write it does not matter.
  private static func sign(_ descriptor: Int32) {
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe pwrite(descriptor, text, text.count, 0)
  }

  private static func owner(_ descriptor: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 20)
    let count = unsafe pread(descriptor, &text, text.count, 0)
    let digits = text.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }
    return digits.isEmpty ? "(unknown)" : String(decoding: digits, as: UTF8.self)
  }

  // The same file by another spelling, or through a link, has the same lock. A new file is where it is asked for.
  private static func canonical(_ path: String) -> String {
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func systemError() -> String {
    unsafe String(cString: strerror(errno))
  }
}
