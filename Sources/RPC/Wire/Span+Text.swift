extension Span where Element == UInt8 {
  /// Whether these bytes are those of `text`.
  func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return equals(unsafe Span(_unsafeStart: text.utf8Start, count: count))
  }

  /// Whether these bytes begin with those of `text`.
  func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && extracting(first: text.utf8CodeUnitCount).equals(text)
  }

  /// Whether these bytes are a list, separated by commas, with `text` in it.
  func lists(_ text: StaticString) -> Bool {
    var start = 0
    for index in 0...count where index == count || self[index] == UInt8(ascii: ",") {
      while start < index, self[start] == UInt8(ascii: " ") { start += 1 }
      if extracting(start..<index).equals(text) { return true }
      start = index + 1
    }
    return false
  }

  func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// The number that these digits are; nil if they are none or more than nine.
  var decimal: Int? {
    guard (1...9).contains(count) else { return nil }
    var number = 0
    for index in indices {
      guard (0x30...0x39).contains(self[index]) else { return nil }
      number = number * 10 + Int(self[index] - 0x30)
    }
    return number
  }

  func copied() -> [UInt8] {
    unsafe withUnsafeBufferPointer { unsafe Array($0) }
  }
}

extension String {
  /// Text from the wire; what is not UTF-8 becomes the replacement character.
  init(bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
