internal import CapacityEngine

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Writes a file that is in its place only when it is whole and on the disk.
final class FileWriter {
  private let path: String
  private let partialPath: String
  private let isReplacing: Bool
  private var descriptor: Int32

  /// - Throws: `conflict` where there is a file at `path` that may not be replaced.
  init(path: String, isReplacing: Bool) throws(StorageError) {
    self.path = path
    self.isReplacing = isReplacing
    partialPath = path + ".partial"
    let isThere = unsafe access(path, F_OK) == 0
    guard isReplacing || !isThere else {
      throw StorageError(.conflict, "\(path) is there already")
    }
    descriptor = unsafe open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("make") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    // It was not finished, and is good for nothing.
    _ = unsafe unlink(partialPath)
  }

  func write(_ bytes: [UInt8]) throws(StorageError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes {
        unsafe systemWrite(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("write") }
      rest = rest.dropFirst(written)
    }
  }

  /// Puts the file in its place.
  func finish() throws(StorageError) {
    guard fsync(descriptor) == 0 else { throw failure("sync") }
    guard unsafe rename(partialPath, path) == 0 else { throw failure("rename") }
    close(descriptor)
    descriptor = -1
    let folder = unsafe open(Folder.holding(path), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { throw failure("sync") }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure("sync") }
  }

  private func failure(_ verb: String) -> StorageError {
    StorageError(.unavailable, "cannot \(verb) \(path): \(SystemError.text())")
  }
}

// By another name: inside ``FileWriter``, `write` is its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, bytes, count)
}
