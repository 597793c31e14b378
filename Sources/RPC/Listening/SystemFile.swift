#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What the system says about a call that failed.
struct SystemFault: Error {
  let code: Int32

  /// Of the last call that failed on this thread.
  init(code: Int32 = errno) {
    self.code = code
  }

  var text: String { unsafe String(cString: strerror(code)) }
}

/// Reads small files.
enum SystemFile {
  /// The whole content; a file that is larger than `bytesMax` is refused as too large.
  static func read(_ path: String, bytesMax: Int) throws(SystemFault) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemFault() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1_024)
    while true {
      let count = unsafe systemRead(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemFault() }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= bytesMax else { throw SystemFault(code: EFBIG) }
    }
  }
}

// By another name: inside the enum, `read` is its own.
private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int
{
  unsafe read(descriptor, bytes, count)
}
