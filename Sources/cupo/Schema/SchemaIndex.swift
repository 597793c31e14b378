internal import CupoSchema
internal import Protobuf

/// The messages and enums of Cupo's contract, found by their full names.
///
/// The catalogue reader and the JSON writer go by this index, so a field that is new in proto/ is known to both at once.
struct SchemaIndex: Sendable {
  /// The index of the contract that this program was built with.
  static let cupo = SchemaIndex()

  private(set) var messages: [String: [FieldSchema]] = [:]
  private(set) var enums: [String: EnumSchema] = [:]

  private init() {
    for file in CupoSchemaFiles.all {
      let fields = WireField.all(in: file.bytes[...])
      let package = fields.string(2)
      for message in fields.messages(4) { add(message: message, scope: package) }
      for each in fields.messages(5) { enums["\(package).\(each.string(1))"] = EnumSchema(each) }
    }
  }

  private mutating func add(message: [WireField], scope: String) {
    let name = "\(scope).\(message.string(1))"
    messages[name] = message.messages(2).compactMap(FieldSchema.init)
    for nested in message.messages(3) { add(message: nested, scope: name) }
    for each in message.messages(4) { enums["\(name).\(each.string(1))"] = EnumSchema(each) }
  }

  /// The fields of a message that this program knows to exist.
  func fields(of message: String) -> [FieldSchema] {
    guard let fields = messages[message] else { preconditionFailure("no message \(message)") }
    return fields
  }

  /// An enum that this program knows to exist.
  func `enum`(_ name: String) -> EnumSchema {
    guard let schema = enums[name] else { preconditionFailure("no enum \(name)") }
    return schema
  }
}
