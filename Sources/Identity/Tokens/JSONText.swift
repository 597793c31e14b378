/// A JSON text (RFC 8259) from a stranger, read within limits: its size is the caller's to bound, its depth, names and
/// elements are bounded here. A name that comes twice makes the whole text wrong: two readers could disagree on it.
indirect enum JSONText: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONText])
  case object([String: JSONText])

  /// How deep arrays and objects may lie in one another.
  static let depthMax = 8
  /// Elements of one array, or members of one object, at most.
  static let elementsMax = 256

  /// Nil for what is no JSON text, or beyond a limit.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    guard reader.isAtEnd else { return nil }
    self = value
  }

  /// The member with this name; nil also for what is no object.
  subscript(name: String) -> JSONText? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The texts of an array that has nothing else in it.
  var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }
}

extension JSONText {
  fileprivate struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
        position += 1
      }
    }

    private mutating func take(_ letter: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: letter) else { return false }
      position += 1
      return true
    }

    private mutating func take(word: String) -> Bool {
      let letters = Array(word.utf8)
      guard bytes[position...].starts(with: letters) else { return false }
      position += letters.count
      return true
    }

    mutating func value(depth: Int) -> JSONText? {
      skipSpace()
      switch next {
      case UInt8(ascii: "{"): return depth < depthMax ? object(depth: depth) : nil
      case UInt8(ascii: "["): return depth < depthMax ? array(depth: depth) : nil
      case UInt8(ascii: "\""): return string().map(JSONText.string)
      case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
      default: return number()
      }
    }

    private mutating func object(depth: Int) -> JSONText? {
      position += 1
      var members: [String: JSONText] = [:]
      skipSpace()
      if take("}") { return .object(members) }
      while members.count < elementsMax {
        skipSpace()
        guard next == UInt8(ascii: "\""), let name = string(), members[name] == nil else {
          return nil
        }
        skipSpace()
        guard take(":"), let value = value(depth: depth + 1) else { return nil }
        members[name] = value
        skipSpace()
        if take("}") { return .object(members) }
        guard take(",") else { return nil }
      }
      return nil
    }

    private mutating func array(depth: Int) -> JSONText? {
      position += 1
      var elements: [JSONText] = []
      skipSpace()
      if take("]") { return .array(elements) }
      while elements.count < elementsMax {
        guard let value = value(depth: depth + 1) else { return nil }
        elements.append(value)
        skipSpace()
        if take("]") { return .array(elements) }
        guard take(",") else { return nil }
      }
      return nil
    }

    private mutating func number() -> JSONText? {
      let start = position
      if next == UInt8(ascii: "-") { position += 1 }
      let first = position
      guard digits(), bytes[first] != 0x30 || position == first + 1 else { return nil }
      if take("."), !digits() { return nil }
      if take("e") || take("E") {
        if !take("+") { _ = take("-") }
        guard digits() else { return nil }
      }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      guard let value = Double(text), value.isFinite else { return nil }
      return .number(value)
    }

    // At least one.
    private mutating func digits() -> Bool {
      let start = position
      while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
      return position > start
    }

    private mutating func string() -> String? {
      position += 1
      var text: [UInt8] = []
      while let byte = next {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escaped() else { return nil }
          text += Array(String(scalar).utf8)
        case 0..<0x20: return nil
        default: text.append(byte)
        }
      }
      return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
      guard let byte = next else { return nil }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"): return codePoint()
      default: return nil
      }
    }

    private mutating func codePoint() -> Unicode.Scalar? {
      guard let first = hex() else { return nil }
      guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) }
      guard take("\\"), take("u"), let second = hex(),
        (0xDC00...0xDFFF).contains(second)
      else { return nil }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hex() -> UInt32? {
      guard position + 4 <= bytes.count else { return nil }
      var value: UInt32 = 0
      for byte in bytes[position..<position + 4] {
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
          return nil
        }
        value = value << 4 | UInt32(digit)
      }
      position += 4
      return value
    }
  }
}
