/// The fields of one serialized message, in order: as much of the wire format as descriptors need.
///
/// It stops at the first field that it cannot read, for what it reads was generated with this program.
struct DescriptorFields: Sequence, IteratorProtocol {
  /// One field.
  struct Field {
    let number: Int
    let value: Value
  }

  enum Value {
    case number(UInt64)
    /// Text, or a message inside.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  mutating func next() -> Field? {
    guard let tag = varint(), let value = value(wireType: tag & 7) else { return nil }
    return Field(number: Int(truncatingIfNeeded: tag >> 3), value: value)
  }

  private mutating func value(wireType: UInt64) -> Value? {
    switch wireType {
    case 0: varint().map { .number($0) }
    case 1: take(8).map { .bytes($0) }
    case 2: varint().flatMap { take($0) }.map { .bytes($0) }
    case 5: take(4).map { .bytes($0) }
    default: nil
    }
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
    guard count <= UInt64(rest.count) else { return nil }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}

extension DescriptorFields.Field {
  var text: String? {
    guard case .bytes(let bytes) = value else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  var message: DescriptorFields? {
    guard case .bytes(let bytes) = value else { return nil }
    return DescriptorFields(bytes)
  }

  var integer: Int32? {
    guard case .number(let value) = value else { return nil }
    return Int32(truncatingIfNeeded: value)
  }
}
