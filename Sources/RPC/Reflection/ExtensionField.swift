internal import Protobuf

/// A field that one proto file adds to a message of another, as an option of Cupo's contract.
struct ExtensionField: Equatable {
  /// The full name of the message that is extended.
  let extendee: String
  let number: Int32
  /// The full name of the extension itself.
  let name: String
}

extension FileDescriptor {
  /// All extensions that the file declares (google/protobuf/descriptor.proto: `FileDescriptorProto.extension` and
  /// `DescriptorProto.extension`).
  var extensions: [ExtensionField] {
    var package = ""
    for field in DescriptorFields(bytes[...]) where field.number == 2 {
      package = field.text ?? ""
    }
    return Self.extensions(in: DescriptorFields(bytes[...]), scope: package, isFile: true)
  }

  private static func extensions(
    in fields: DescriptorFields, scope: String, isFile: Bool
  ) -> [ExtensionField] {
    let (extensionNumber, messageNumber) = isFile ? (7, 4) : (6, 3)
    return fields.flatMap { field -> [ExtensionField] in
      guard let inner = field.message else { return [] }
      switch field.number {
      case extensionNumber: return extensionField(inner, scope: scope).map { [$0] } ?? []
      case messageNumber:
        let name = inner.first { $0.number == 1 }?.text ?? ""
        return extensions(in: inner, scope: "\(scope).\(name)", isFile: false)
      default: return []
      }
    }
  }

  private static func extensionField(_ fields: DescriptorFields, scope: String) -> ExtensionField? {
    var (name, extendee, number) = ("", "", Int32?.none)
    for field in fields {
      switch field.number {
      case 1: name = field.text ?? ""
      case 2: extendee = field.text ?? ""
      case 3: number = field.integer
      default: break
      }
    }
    guard let number else { return nil }
    let isRooted = extendee.hasPrefix(".")
    return ExtensionField(
      extendee: isRooted ? String(extendee.dropFirst()) : extendee, number: number,
      name: scope.isEmpty ? name : "\(scope).\(name)")
  }
}
