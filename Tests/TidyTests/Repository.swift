import Foundation

/// The files of this repository, as its tests read them.
enum Repository {
  struct File: Sendable {
    /// From the repository's root.
    let path: String
    let lines: [String]

    /// The modules that it imports.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1,
          words[..<index].allSatisfy({
            ["internal", "package", "public", "@testable"].contains($0)
          })
        else { return nil }
        return String(words[index + 1])
      }
    }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func swiftFiles(under folders: [String]) -> [File] {
    folders.flatMap { folder in
      let enumerator = FileManager.default.enumerator(
        at: root.appending(path: folder), includingPropertiesForKeys: nil,
        options: .skipsHiddenFiles)  // Build folders are, and what they hold is others'.
      let urls = enumerator?.allObjects.compactMap { $0 as? URL } ?? []
      return urls.filter { $0.pathExtension == "swift" }.compactMap(file)
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
  }

  /// The relative targets of Markdown links on a page.
  static func links(of page: String) throws -> [String] {
    try text(page).matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/).map { String($0.1) }
      .filter { !$0.contains("://") }
  }

  static func exists(_ link: String, from page: String) -> Bool {
    let url = root.appending(path: page).deletingLastPathComponent().appending(path: link)
    return FileManager.default.fileExists(atPath: url.path)
  }

  private static func file(_ url: URL) -> File? {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    let path = String(url.path.dropFirst(root.path.count + 1))
    return File(path: path, lines: text.components(separatedBy: "\n"))
  }
}
