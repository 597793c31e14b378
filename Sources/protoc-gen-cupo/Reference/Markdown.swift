/// A page of Markdown.
struct Markdown {
  private(set) var output = ""

  mutating func heading(_ level: Int, _ title: String) {
    if !output.isEmpty { output += "\n" }
    output += String(repeating: "#", count: level) + " \(title)\n"
  }

  /// A paragraph, or nothing if it is empty.
  mutating func text(_ text: String) {
    guard !text.isEmpty else { return }
    output += "\n\(text)\n"
  }

  mutating func table(_ head: [String], _ rows: [[String]]) {
    guard !rows.isEmpty else { return }
    output += "\n"
    for row in [head, head.map { _ in "---" }] + rows { output += line(row) }
  }

  private func line(_ cells: [String]) -> String {
    let escaped = cells.map { cell in
      cell.split(separator: "\n").joined(separator: " ").split(
        separator: "|", omittingEmptySubsequences: false
      ).joined(separator: "\\|")
    }
    return "| \(escaped.joined(separator: " | ")) |\n"
  }
}
