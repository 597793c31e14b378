/// One field of a serialized message, as it is on the wire.
struct WireField {
  enum Value {
    case varint(UInt64)
    case fixed(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  let number: Int
  let value: Value

  /// The fields of `message`, in the order of the wire; it stops at the first byte that makes no sense.
  ///
  /// Only for what this program encoded itself or carries inside it: messages from elsewhere are decoded by CupoSchema first.
  static func all(in message: ArraySlice<UInt8>) -> [WireField] {
    var rest = message
    var fields: [WireField] = []
    while let tag = varint(&rest), let value = value(&rest, wireType: tag & 7) {
      fields.append(WireField(number: Int(truncatingIfNeeded: tag >> 3), value: value))
    }
    return fields
  }

  /// All varints of a packed field.
  static func packed(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
    var rest = bytes
    var values: [UInt64] = []
    while let value = varint(&rest) { values.append(value) }
    return values
  }

  private static func value(_ rest: inout ArraySlice<UInt8>, wireType: UInt64) -> Value? {
    switch wireType {
    case 0: return varint(&rest).map(Value.varint)
    case 1: return fixed(&rest, bytes: 8).map(Value.fixed)
    case 2:
      guard let count = varint(&rest), count <= UInt64(rest.count) else { return nil }
      defer { rest = rest.dropFirst(Int(count)) }
      return .bytes(rest.prefix(Int(count)))
    case 5: return fixed(&rest, bytes: 4).map(Value.fixed)
    default: return nil
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func fixed(_ rest: inout ArraySlice<UInt8>, bytes count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension [WireField] {
  /// The last value of a string field.
  func string(_ number: Int) -> String {
    for field in reversed() where field.number == number {
      if case .bytes(let bytes) = field.value { return String(decoding: bytes, as: UTF8.self) }
    }
    return ""
  }

  /// The last value of a varint field; nil where it is absent.
  func integer(_ number: Int) -> Int? {
    for field in reversed() where field.number == number {
      if case .varint(let value) = field.value { return Int(truncatingIfNeeded: value) }
    }
    return nil
  }

  /// The fields of each message in a repeated field.
  func messages(_ number: Int) -> [[WireField]] {
    compactMap { field in
      guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
      return WireField.all(in: bytes)
    }
  }
}
