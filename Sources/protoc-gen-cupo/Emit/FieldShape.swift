/// A field as Swift declares it.
struct FieldShape {
  let field: ProtoField
  /// The property or case.
  let name: String
  /// The type of one value.
  let elementType: String

  init(_ field: ProtoField, in schema: Schema) {
    self.field = field
    name = Names.member(field.name)
    elementType = Self.type(field.kind, schema)
  }

  var isMessage: Bool {
    if case .message = field.kind { true } else { false }
  }

  var isEnum: Bool {
    if case .enumeration = field.kind { true } else { false }
  }

  /// The property's type and its default.
  var declaration: String {
    if field.isRepeated { return "[\(elementType)] = []" }
    return isMessage ? "\(elementType)?" : "\(elementType) = \(defaultValue)"
  }

  /// The name of the member in the C struct.
  var cName: String { field.name.lowercased() }

  private var defaultValue: String {
    switch field.kind {
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "[]"
    case .enumeration: "\(elementType)(rawValue: 0)"
    default: "0"
    }
  }

  private static func type(_ kind: ProtoField.Kind, _ schema: Schema) -> String {
    switch kind {
    case .bool: "Bool"
    case .int32: "Int32"
    case .uint32: "UInt32"
    case .int64: "Int64"
    case .uint64: "UInt64"
    case .float: "Float"
    case .double: "Double"
    case .string: "String"
    case .bytes: "[UInt8]"
    case .message(let name), .enumeration(let name): schema.swiftName(name)
    }
  }
}
