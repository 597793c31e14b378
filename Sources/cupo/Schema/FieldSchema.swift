/// What the schema says about one field of a message.
struct FieldSchema {
  /// The types that Cupo's messages use (`FieldDescriptorProto.Type`).
  enum Kind: Int {
    case int64 = 3
    case uint64 = 4
    case int32 = 5
    case bool = 8
    case string = 9
    case message = 11
    case bytes = 12
    case uint32 = 13
    case `enum` = 14
  }

  let name: String
  let number: Int
  let kind: Kind
  let isRepeated: Bool
  /// Which choice of the message it belongs to; nil: none.
  let oneof: Int?
  /// The full name of the message or enum type; empty for others.
  let typeName: String

  /// Reads a `FieldDescriptorProto`; nil for a type that none of Cupo's messages has.
  init?(_ fields: [WireField]) {
    guard let number = fields.integer(3), let kind = Kind(rawValue: fields.integer(5) ?? 0) else {
      return nil
    }
    name = fields.string(1)
    self.number = number
    self.kind = kind
    isRepeated = fields.integer(4) == 3
    oneof = fields.integer(9)
    typeName = String(fields.string(6).drop { $0 == "." })
  }
}
