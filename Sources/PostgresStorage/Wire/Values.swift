import CapacityEngine

/// The values of a statement in PostgreSQL's binary format, one after another in one buffer.
///
/// Arrays are built in place, so that a batch of ten thousand rows is a few buffers and no objects. The format is the one of
/// `array_recv`, `int8recv` and so on in PostgreSQL's sources; it has not changed since 7.4.
struct Values: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var ranges: [Range<Int>] = []

  mutating func append(_ value: Int64) {
    let start = bytes.count
    bytes.appendBigEndian(UInt64(bitPattern: value))
    ranges.append(start..<bytes.count)
  }

  /// Numbers beyond 2^63 keep their bits.
  mutating func append(_ value: UInt64) {
    append(Int64(bitPattern: value))
  }

  mutating func append(_ text: String) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    ranges.append(start..<bytes.count)
  }

  /// An array of `count` elements, each of which `element` appends to the bytes it is given.
  mutating func append(
    array type: ElementType, count: Int, reserving size: Int = 8,
    _ element: (Int, inout [UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) {
    let start = bytes.count
    bytes.reserveCapacity(start + 20 + count * (size + 4))
    // Dimensions (an empty array has none), whether there are NULLs, the type; then length and first index.
    bytes.appendBigEndian(UInt32(count == 0 ? 0 : 1))
    bytes.appendBigEndian(UInt32(0))
    bytes.appendBigEndian(type.rawValue)
    if count > 0 {
      bytes.appendBigEndian(UInt32(count))
      bytes.appendBigEndian(UInt32(1))
    }
    for index in 0..<count {
      let border = bytes.count
      bytes.appendBigEndian(UInt32(0))
      try element(index, &bytes)
      bytes.writeBigEndian(UInt32(bytes.count - border - 4), at: border)
    }
    ranges.append(start..<bytes.count)
  }

  mutating func append(_ numbers: [Int64]) {
    // Nothing in it can fail.
    try? append(array: .int8, count: numbers.count) { index, bytes in
      bytes.appendBigEndian(UInt64(bitPattern: numbers[index]))
    }
  }

  mutating func append(_ texts: [String]) {
    try? append(array: .text, count: texts.count) { index, bytes in
      bytes.append(contentsOf: texts[index].utf8)
    }
  }

  mutating func append(_ flags: [Bool]) {
    try? append(array: .bool, count: flags.count) { index, bytes in
      bytes.append(flags[index] ? 1 : 0)
    }
  }

  /// Types of elements, by their numbers in PostgreSQL's `pg_type`.
  enum ElementType: UInt32 {
    case bool = 16
    case bytea = 17
    case int8 = 20
    case text = 25
  }
}

extension [UInt8] {
  mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    var shift = value.bitWidth
    while shift > 0 {
      shift -= 8
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func writeBigEndian(_ value: UInt32, at index: Int) {
    for place in 0..<4 {
      self[index + place] = UInt8(truncatingIfNeeded: value >> (24 - 8 * place))
    }
  }
}
