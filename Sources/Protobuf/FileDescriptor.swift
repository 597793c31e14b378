/// One proto file as gRPC server reflection tells it to clients.
package struct FileDescriptor: Sendable {
  /// Its name in imports, as in `cupo/capacity/v1/reservation.proto`.
  package let name: String
  /// The names of the files that it imports.
  package let dependencies: [String]
  /// The full names of all that it declares: messages, enums, services and their methods.
  package let symbols: [String]
  /// The serialized `google.protobuf.FileDescriptorProto`, without comments.
  package let bytes: [UInt8]

  package init(name: String, dependencies: [String], symbols: [String], bytes: [UInt8]) {
    self.name = name
    self.dependencies = dependencies
    self.symbols = symbols
    self.bytes = bytes
  }

  /// - Parameter hex: the serialized file, two digits a byte; anything else in it is skipped.
  package init(name: String, dependencies: [String], symbols: [String], hex: String) {
    let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(digits[index] << 4 | digits[index + 1])
    }
    self.init(name: name, dependencies: dependencies, symbols: symbols, bytes: bytes)
  }
}
