/// Reads the words of a POSIX time-zone rule.
struct AsciiScanner {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { index == bytes.count }
  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Steps over `byte`, or answers false and stays.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  /// Steps over a zone abbreviation, `<...>` or letters.
  mutating func name() -> Bool {
    if skip(UInt8(ascii: "<")) {
      while let byte = peek, byte != UInt8(ascii: ">") {
        index += 1
        if byte == 0 { return false }
      }
      return skip(UInt8(ascii: ">"))
    }
    let start = index
    while let byte = peek, byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") {
      index += 1
    }
    return index > start
  }

  mutating func number() -> Int? {
    let start = index
    var value = 0
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), value < 1000 {
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      index += 1
    }
    return index > start ? value : nil
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func signedTime() -> Int? {
    let negative = skip(UInt8(ascii: "-"))
    if !negative { _ = skip(UInt8(ascii: "+")) }
    guard let hours = number() else { return nil }
    var seconds = hours * 3600
    if skip(UInt8(ascii: ":")) {
      guard let minutes = number() else { return nil }
      seconds += minutes * 60
      if skip(UInt8(ascii: ":")) {
        guard let rest = number() else { return nil }
        seconds += rest
      }
    }
    return negative ? -seconds : seconds
  }
}
