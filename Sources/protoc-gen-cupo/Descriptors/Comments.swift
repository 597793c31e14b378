internal import WellKnownWire

/// The comments of one file, by the path of what they belong to.
struct Comments {
  private var byPath: [[Int32]: String] = [:]

  init(_ file: UnsafePointer<Google__Protobuf__FileDescriptorProto>) {
    guard let info = unsafe file.pointee.source_code_info else { return }
    for index in unsafe 0..<Int(info.pointee.n_location) {
      guard let location = unsafe info.pointee.location[index] else { continue }
      let path = unsafe [Int32](
        UnsafeBufferPointer(start: location.pointee.path, count: location.pointee.n_path))
      let parts = unsafe [
        Self.clean(text(location.pointee.leading_comments)),
        Self.clean(text(location.pointee.trailing_comments)),
      ]
      byPath[path] = parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
  }

  /// The comment of what stands at `path`, leading part first; empty if there is none.
  subscript(path: [Int32]) -> String { byPath[path] ?? "" }

  private static func clean(_ comment: String) -> String {
    let lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map(trimmed)
    return lines.joined(separator: "\n").trimmingNewlines()
  }

  private static func trimmed(_ line: Substring) -> String {
    var line = line
    while line.first == " " { line.removeFirst() }
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

extension String {
  fileprivate func trimmingNewlines() -> String {
    var text = self[...]
    while text.first == "\n" { text.removeFirst() }
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
