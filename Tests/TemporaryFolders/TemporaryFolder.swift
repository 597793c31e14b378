internal import Foundation

/// A new folder of a test, which goes with its owner and takes with it whatever is inside: tests leave nothing behind.
///
/// It must live as long as its path is used. A property of the suite does; one of a function is removed at its end by
/// `defer { folder.remove() }`.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// - Parameter texts: of the files that are in it to begin with, by their names, which may have folders of their own.
  package init(_ texts: [String: String] = [:]) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "cupo-\(UUID().uuidString)")
    path = url.path
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in texts { try write(text, to: name) }
  }

  deinit { remove() }

  /// Makes the file `name`, and the folders that its name has.
  package func write(_ text: String, to name: String) throws {
    let file = URL(filePath: path(of: name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
  }

  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// Removes it, if it is still there.
  package func remove() {
    // What is left behind is the system's to clean.
    try? FileManager.default.removeItem(atPath: path)
  }
}
