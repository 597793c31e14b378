#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads the text of a catalogue from a file, or from standard input for `-`.
enum CatalogueText {
  static func read(_ path: String) throws(Failure) -> String {
    if path == "-" { return try read(STDIN_FILENO, path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    return try read(descriptor, path)
  }

  private static func read(_ descriptor: Int32, _ path: String) throws(Failure) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
    while true {
      let count = unsafe systemRead(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { break }
      bytes += chunk.prefix(count)
      guard bytes.count <= CatalogueFile.bytesMax else {
        throw Failure(.usage, "\(path) is larger than \(CatalogueFile.bytesMax) bytes")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.usage, "\(path) is not UTF-8")
    }
    return text
  }

  private static func failure(_ path: String) -> Failure {
    let reason = unsafe String(cString: strerror(errno))
    return Failure(.usage, "cannot read \(path): \(reason)")
  }
}

// By another name: inside the enum, `read` is its own.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int
{
  unsafe read(descriptor, bytes, count)
}
