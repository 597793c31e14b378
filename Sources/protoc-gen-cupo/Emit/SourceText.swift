/// Text with an indentation, in lines.
struct SourceText {
  private(set) var text = ""
  private var depth = 0

  /// One line; an empty one carries no indentation.
  mutating func line(_ line: String = "") {
    if !line.isEmpty { text += String(repeating: "  ", count: depth) + line }
    text += "\n"
  }

  /// Lines that another text has made, at this text's depth.
  mutating func lines(_ lines: String) {
    for part in lines.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      line(String(part))
    }
  }

  /// Lines that stand one step further in, between `opening` and `closing`.
  mutating func block(
    _ opening: String, closing: String? = "}", _ body: (inout SourceText) -> Void
  ) {
    line(opening)
    depth += 1
    body(&self)
    depth -= 1
    if let closing { line(closing) }
  }

  /// A documentation comment, or nothing if there is no text.
  mutating func doc(_ comment: String) {
    guard !comment.isEmpty else { return }
    for part in comment.split(separator: "\n", omittingEmptySubsequences: false) {
      line(part.isEmpty ? "///" : "/// \(part)")
    }
  }
}
