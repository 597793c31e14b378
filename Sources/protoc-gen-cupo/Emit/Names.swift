/// From the spelling of the schema to that of Swift and of C.
enum Names {
  /// `reservation_id` to `reservationID`, without escaping.
  static func lowerCamel(_ name: String) -> String {
    let parts = name.split(separator: "_").map { $0.lowercased() }
    guard let first = parts.first else { return name }
    return first + parts.dropFirst().map(capitalized).joined()
  }

  /// A property or case name, escaped where Swift has other plans for it.
  static func member(_ name: String) -> String { escaped(lowerCamel(name)) }

  /// `inventory` to `Inventory`: the enum of a oneof.
  static func oneofType(_ name: String) -> String {
    name.split(separator: "_").map { capitalized($0.lowercased()) }.joined()
  }

  /// `ReservationState` to `RESERVATION_STATE_`: the prefix of an enum's values.
  static func valuePrefix(of enumeration: String) -> String {
    snake(enumeration).uppercased() + "_"
  }

  /// A value's name without the prefix that all values of the enum share.
  static func valueName(_ value: ProtoEnumValue, of enumeration: ProtoEnum) -> String {
    let prefix = valuePrefix(of: enumeration.name)
    return value.name.hasPrefix(prefix) ? String(value.name.dropFirst(prefix.count)) : value.name
  }

  /// `cupo.capacity.v1.ReserveRequest` to protoc-c's `Cupo__Capacity__V1__ReserveRequest`.
  static func cType(_ fullName: String) -> String {
    fullName.split(separator: ".").map { part in
      part.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }.joined(separator: "__")
  }

  /// `cupo.capacity.v1.ReserveRequest` to protoc-c's `cupo__capacity__v1__reserve_request`.
  static func cFunctions(_ fullName: String) -> String {
    fullName.split(separator: ".").map { snake(String($0)) }.joined(separator: "__")
  }

  /// A Swift string literal.
  static func literal(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\", "\"": escaped += "\\\(character)"
      case "\n": escaped += "\\n"
      default: escaped.append(character)
      }
    }
    return "\"\(escaped)\""
  }

  private static func snake(_ name: String) -> String {
    var result = ""
    var wasLower = false
    for character in name {
      if character.isUppercase && wasLower { result += "_" }
      result += character.lowercased()
      wasLower = !character.isUppercase
    }
    return result
  }

  private static func capitalized(_ part: String) -> String {
    switch part {
    case "id", "url", "ttl": part.uppercased()
    case "ids": "IDs"
    default: part.prefix(1).uppercased() + part.dropFirst()
    }
  }

  private static func escaped(_ name: String) -> String {
    keywords.contains(name) ? "`\(name)`" : name
  }

  private static let keywords: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for",
    "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil",
    "operator", "precedencegroup", "private", "protocol", "public", "repeat", "rethrows",
    "return", "self", "static", "struct", "subscript", "super", "switch", "throw", "throws",
    "true", "try", "typealias", "var", "where", "while",
  ]
}
