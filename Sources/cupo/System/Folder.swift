#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Folders of the file system.
enum Folder {
  /// Makes the folder at `path` and those above it, where they are missing; only the owner may look inside a new one.
  ///
  /// - Throws: A sentence.
  static func make(_ path: String) throws(FileBytes.Unreadable) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/\(part)"
      guard unsafe mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw FileBytes.Unreadable(text: "cannot make the folder \(made): \(SystemError.text())")
      }
    }
  }

  /// A new, empty folder that only this user may look into; whoever asks for it removes it.
  static func makeTemporary() throws(FileBytes.Unreadable) -> Temporary {
    var template = Array(
      "\(Environment["TMPDIR"] ?? "/tmp")/cupo-\(String(repeating: "X", count: 6))".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw FileBytes.Unreadable(text: "cannot make a temporary folder: \(SystemError.text())")
    }
    return Temporary(path: String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
  }

  /// A temporary folder.
  struct Temporary {
    let path: String

    /// Removes the folder, which must be empty; one that is not stays where temporary things are.
    func remove() {
      _ = unsafe rmdir(path)
    }
  }

  /// The folder that holds the file at `path`; `.` for a bare name.
  static func holding(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The names in the folder at `path`, sorted; nil where there is no folder.
  ///
  /// - Throws: A sentence, for a folder that may not be looked into.
  static func names(in path: String) throws(FileBytes.Unreadable) -> [String]? {
    guard let folder = unsafe opendir(path) else {
      if errno == ENOTDIR || errno == ENOENT { return nil }
      throw FileBytes.Unreadable(text: "cannot read the folder \(path): \(SystemError.text())")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      names.append(unsafe name(of: entry))
    }
    return names.sorted()
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
    unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
