/// Reads primitives from bytes that may be anything; never beyond their end, and never more than they can hold.
struct RecordReader {
  private let bytes: [UInt8]
  private let what: String
  private var position = 0

  init(_ bytes: [UInt8], what: String) {
    self.bytes = bytes
    self.what = what
  }

  func corrupt(_ damage: String) -> StorageError {
    StorageError(.corrupt, "a stored \(what) is damaged at byte \(position): \(damage)")
  }

  mutating func version(_ known: UInt8) throws(StorageError) {
    let found = try byte()
    guard found == known else { throw corrupt("format \(found), this version reads \(known)") }
  }

  var isAtEnd: Bool { position == bytes.count }

  func end() throws(StorageError) {
    guard position == bytes.count else { throw corrupt("bytes behind its end") }
  }

  mutating func byte() throws(StorageError) -> UInt8 {
    guard position < bytes.count else { throw corrupt("it is cut off") }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func unsigned() throws(StorageError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      // The tenth byte has room for one bit.
      guard shift < 63 || next <= 1 else { throw corrupt("a number beyond 64 bits") }
      value |= UInt64(next & 0x7F) << shift
      guard next >= 0x80 else { return value }
      shift += 7
    }
  }

  mutating func signed() throws(StorageError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func integer() throws(StorageError) -> Int {
    Int(try signed())
  }

  /// How many elements or bytes follow; each takes a byte at least, so a count that lies is found at once.
  mutating func count() throws(StorageError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(bytes.count - position) else { throw corrupt("a count beyond its end") }
    return Int(value)
  }

  mutating func text() throws(StorageError) -> String {
    let count = try count()
    guard let text = Self.text(bytes.span.extracting(position..<position + count)) else {
      throw corrupt("text that is not UTF-8")
    }
    position += count
    return text
  }

  // By a span, for which nothing generic is looked up at each call.
  private static func text(_ body: Span<UInt8>) -> String? {
    guard let text = try? UTF8Span(validating: body) else { return nil }
    return String(copying: text)
  }

  mutating func body() throws(StorageError) -> [UInt8] {
    let count = try count()
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  mutating func flag() throws(StorageError) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    case let other: throw corrupt("\(other) where yes or no is expected")
    }
  }

  mutating func list<Element>(
    _ element: (inout RecordReader) throws(StorageError) -> Element
  ) throws(StorageError) -> [Element] {
    let count = try count()
    var elements: [Element] = []
    for _ in 0..<count { elements.append(try element(&self)) }
    return elements
  }

  mutating func choice<Choice: RawRepresentable<UInt8>>(
    _ type: Choice.Type, _ name: String
  ) throws(StorageError) -> Choice {
    let value = try byte()
    guard let choice = Choice(rawValue: value) else { throw corrupt("unknown \(name) \(value)") }
    return choice
  }
}
