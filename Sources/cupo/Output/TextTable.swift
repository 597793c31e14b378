/// Columns of text, each as wide as its widest cell.
struct TextTable {
  /// One cell: what it says, and how it is painted once it is padded.
  struct Cell {
    var text: String
    var color: TextColor?
    var isRight = false

    init(_ text: String, color: TextColor? = nil, isRight: Bool = false) {
      self.text = text
      self.color = color
      self.isRight = isRight
    }
  }

  private var rows: [[Cell]] = []

  mutating func append(_ row: [Cell]) {
    rows.append(row)
  }

  func lines(on terminal: Terminal) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let last = row.lastIndex { !$0.text.isEmpty } ?? -1
      let cells = row.prefix(last + 1).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.text.count)
        let text = cell.color?.paint(cell.text, on: terminal) ?? cell.text
        if cell.isRight { return padding + text }
        return column == last ? text : text + padding
      }
      return cells.joined(separator: "  ")
    }
  }
}
