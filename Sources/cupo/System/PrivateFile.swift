#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Files that nobody but their owner may read.
enum PrivateFile {
  static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  /// Whether neither group nor others may do anything with the file.
  static func isPrivate(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & 0o077 == 0
  }

  /// Makes the file with all of `bytes` or not at all.
  ///
  /// - Returns: Whether it was made; false: there is one already, which stays as it is.
  static func make(_ path: String, _ bytes: [UInt8]) throws(FileBytes.Unreadable) -> Bool {
    let temporary = "\(path).\(getpid())"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotMake(path) }
    defer { _ = unsafe unlink(temporary) }
    let isWritten = writeAll(descriptor, bytes) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten else { throw cannotMake(path) }
    // Unlike a rename, a link never takes the place of what is there.
    if unsafe link(temporary, path) == 0 { return true }
    guard errno == EEXIST else { throw cannotMake(path) }
    return false
  }

  private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    var written = 0
    while written < bytes.count {
      let rest = Array(bytes[written...])
      let count = unsafe write(descriptor, rest, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  private static func cannotMake(_ path: String) -> FileBytes.Unreadable {
    FileBytes.Unreadable(text: "cannot make \(path): \(SystemError.text())")
  }
}
