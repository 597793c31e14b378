internal import CapacityEngine

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads a file from its beginning to its end, piece by piece.
final class FileReader {
  private static let chunkBytes = 1 << 20

  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var position = 0
  let bytesCount: Int

  init(path: String) throws(StorageError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &status) == 0 else {
      throw StorageError(.unavailable, "cannot read \(path): \(SystemError.text())")
    }
    bytesCount = Int(status.st_size)
  }

  deinit {
    close(descriptor)
  }

  /// The next `count` bytes; fewer only at the end.
  func read(_ count: Int) throws(StorageError) -> [UInt8] {
    while buffer.count - position < count, try fill() {}
    let end = min(buffer.count, position + count)
    defer { position = end }
    return Array(buffer[position..<end])
  }

  // Answers whether there was more.
  private func fill() throws(StorageError) -> Bool {
    buffer.removeFirst(position)
    position = 0
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    while true {
      let count = unsafe systemRead(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw StorageError(.unavailable, "cannot read \(path): \(SystemError.text())")
      }
      buffer += chunk.prefix(count)
      return count > 0
    }
  }
}

// By another name: inside ``FileReader``, `read` is its own.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int
{
  unsafe read(descriptor, bytes, count)
}
