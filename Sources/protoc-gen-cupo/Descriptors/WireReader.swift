/// Reads options that the descriptor messages carry as unknown fields.
///
/// Not for messages at run time: those go through protobuf-c. The generator cannot use the
/// generated contract messages, because it must work before they exist.
struct WireReader {
  /// A field's value: a number, or bytes with a length.
  enum Value {
    case number(UInt64)
    case bytes([UInt8])
  }

  private(set) var fields: [(number: Int, value: Value)] = []

  /// Reads all fields; stops at the first damage, since descriptors come from protoc.
  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let key = Self.varint(&rest) {
      guard let value = Self.value(wireType: key & 7, from: &rest) else { return }
      fields.append((Int(key >> 3), value))
    }
  }

  /// The last number with this tag.
  func number(_ tag: Int) -> Int64? {
    for case (tag, .number(let number)) in fields.reversed() { return Int64(bitPattern: number) }
    return nil
  }

  /// Every number with this tag, packed or not.
  func numbers(_ tag: Int) -> [Int64] {
    var numbers: [Int64] = []
    for (number, value) in fields where number == tag {
      switch value {
      case .number(let one): numbers.append(Int64(bitPattern: one))
      case .bytes(let packed):
        var rest = packed[...]
        while let one = Self.varint(&rest) { numbers.append(Int64(bitPattern: one)) }
      }
    }
    return numbers
  }

  /// The message with this tag, its parts merged.
  func message(_ tag: Int) -> WireReader? {
    var merged: [UInt8]?
    for case (tag, .bytes(let bytes)) in fields { merged = (merged ?? []) + bytes }
    return merged.map(WireReader.init)
  }

  /// The last string with this tag.
  func string(_ tag: Int) -> String? {
    for case (tag, .bytes(let bytes)) in fields.reversed() {
      return String(decoding: bytes, as: UTF8.self)
    }
    return nil
  }

  private static func value(wireType: UInt64, from rest: inout ArraySlice<UInt8>) -> Value? {
    switch wireType {
    case 0: return varint(&rest).map(Value.number)
    case 1: return take(8, from: &rest).map(Value.bytes)
    case 2:
      guard let length = varint(&rest) else { return nil }
      return take(Int(clamping: length), from: &rest).map(Value.bytes)
    case 5: return take(4, from: &rest).map(Value.bytes)
    default: return nil
    }
  }

  private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return [UInt8](rest.prefix(count))
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
}
