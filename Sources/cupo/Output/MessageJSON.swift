internal import Protobuf

/// Writes messages as protobuf JSON with the names of the proto files.
///
/// Fields without presence are written at their default too, so that scripts find them; absent messages and unset choices
/// are left out. 64-bit numbers are numbers: none of Cupo's goes beyond what JSON readers keep exactly.
enum MessageJSON {
  static func value<M: Message>(_ message: M) -> JSONValue {
    object(message.encoded()[...], M.fullName)
  }

  private static func object(_ bytes: ArraySlice<UInt8>, _ type: String) -> JSONValue {
    let found = Dictionary(grouping: WireField.all(in: bytes), by: \.number)
    let members = SchemaIndex.cupo.fields(of: type).compactMap { field in
      value(field, found[field.number] ?? []).map { JSONValue.Member(field.name, $0) }
    }
    return .object(members)
  }

  private static func value(_ field: FieldSchema, _ found: [WireField]) -> JSONValue? {
    if field.isRepeated { return .array(found.flatMap { elements(field, $0.value) }) }
    if let last = found.last { return elements(field, last.value).last }
    if field.oneof != nil || field.kind == .message { return nil }
    return elements(field, field.kind.isText ? .bytes([]) : .varint(0)).first
  }

  // More than one where numbers come packed.
  private static func elements(_ field: FieldSchema, _ value: WireField.Value) -> [JSONValue] {
    switch value {
    case .varint(let number): [scalar(field, number)]
    case .fixed(let number): [scalar(field, number)]
    case .bytes(let bytes):
      switch field.kind {
      case .message: [message(field.typeName, bytes)]
      case .string: [.string(String(decoding: bytes, as: UTF8.self))]
      case .bytes: [.string(Base64Text.encode(bytes))]
      default: WireField.packed(bytes).map { scalar(field, $0) }
      }
    }
  }

  private static func message(_ type: String, _ bytes: ArraySlice<UInt8>) -> JSONValue {
    let fields = WireField.all(in: bytes)
    let (seconds, nanos) = (fields.integer(1) ?? 0, fields.integer(2) ?? 0)
    switch type {
    case ProtobufTimestamp.fullName:
      return .string(TimestampText.format(seconds: Int64(seconds), nanos: nanos))
    case ProtobufDuration.fullName:
      return .string(DurationText.seconds(Int64(seconds), nanos: nanos))
    default: return object(bytes, type)
    }
  }

  private static func scalar(_ field: FieldSchema, _ value: UInt64) -> JSONValue {
    switch field.kind {
    case .bool: .bool(value != 0)
    case .enum:
      .string(SchemaIndex.cupo.enum(field.typeName).name(Int(truncatingIfNeeded: value)))
    case .int32, .int64: .number("\(Int64(bitPattern: value))")
    default: .number("\(value)")
    }
  }
}

extension FieldSchema.Kind {
  fileprivate var isText: Bool { self == .string || self == .bytes }
}
