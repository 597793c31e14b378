/// A JSON document whose members keep their order, so that the same answer is the same text.
indirect enum JSONValue: Equatable, Sendable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  /// Digits as they are printed: 64-bit numbers lose nothing on the way.
  case number(String)
  case bool(Bool)
  case null

  struct Member: Equatable, Sendable {
    var name: String
    var value: JSONValue

    init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The text, indented by two spaces a level.
  var pretty: String { text(indent: 0) }

  /// The text in one line: for streams.
  var line: String { text(indent: nil) }

  private func text(indent: Int?) -> String {
    switch self {
    case .object(let members):
      let rows = members.map { member in
        let separator = indent == nil ? ":" : ": "
        return Self.quoted(member.name) + separator
          + member.value.text(indent: indent.map { $0 + 1 })
      }
      return Self.block("{", rows, "}", indent)
    case .array(let values):
      return Self.block("[", values.map { $0.text(indent: indent.map { $0 + 1 }) }, "]", indent)
    case .string(let text): return Self.quoted(text)
    case .number(let digits): return digits
    case .bool(let value): return value ? "true" : "false"
    case .null: return "null"
    }
  }

  private static func block(
    _ open: String, _ rows: [String], _ close: String, _ indent: Int?
  ) -> String {
    guard !rows.isEmpty else { return open + close }
    guard let indent else { return open + rows.joined(separator: ",") + close }
    let outer = String(repeating: "  ", count: indent)
    let inner = outer + "  "
    return open + "\n" + inner + rows.joined(separator: ",\n" + inner) + "\n" + outer + close
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
