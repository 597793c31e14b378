#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads whole files of a bounded size.
enum FileBytes {
  /// Why a file cannot be read: a sentence.
  struct Unreadable: Error, Equatable {
    var text: String
  }

  static func read(_ path: String, bytesMax: Int) throws(Unreadable) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    return try read(descriptor: descriptor, named: path, bytesMax: bytesMax)
  }

  static func readStandardInput(bytesMax: Int) throws(Unreadable) -> [UInt8] {
    try read(descriptor: STDIN_FILENO, named: "standard input", bytesMax: bytesMax)
  }

  private static func read(
    descriptor: Int32, named name: String, bytesMax: Int
  ) throws(Unreadable) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
    while true {
      let count = unsafe systemRead(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(name) }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= bytesMax else {
        throw Unreadable(text: "\(name) is larger than \(bytesMax) bytes")
      }
    }
  }

  private static func unreadable(_ name: String) -> Unreadable {
    Unreadable(text: "cannot read \(name): \(SystemError.text())")
  }
}

// By another name: inside the enum, `read` is its own.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int
{
  unsafe read(descriptor, bytes, count)
}
