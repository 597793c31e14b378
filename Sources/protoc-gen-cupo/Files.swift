#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Whole files in and out; the generator needs no more of a file system than this.
enum Files {
  static func read(_ path: String) throws(GeneratorError) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { throw GeneratorError("cannot read \(path)") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    guard unsafe ferror(file) == 0 else { throw GeneratorError("cannot read \(path)") }
    return bytes
  }

  static func write(_ bytes: [UInt8], to path: String) throws(GeneratorError) {
    guard let file = unsafe fopen(path, "wb") else { throw GeneratorError("cannot write \(path)") }
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    guard unsafe fclose(file) == 0, written == bytes.count else {
      throw GeneratorError("cannot write \(path)")
    }
  }
}
