/// Reads single values of a catalogue file.
enum ScalarText {
  /// The value as a varint carries it.
  static func bits(_ text: String, as field: FieldSchema) -> Result<UInt64, Expectation> {
    let digits = text.filter { $0 != "_" }
    switch field.kind {
    case .bool:
      return text == "true" || text == "false"
        ? .success(text == "true" ? 1 : 0) : failure("is true or false")
    case .enum:
      let schema = SchemaIndex.cupo.enum(field.typeName)
      guard let number = schema.number(text) else {
        return failure("is one of \(schema.shortNames.joined(separator: ", "))")
      }
      return .success(UInt64(number))
    case .uint32:
      return UInt32(digits).map { .success(UInt64($0)) }
        ?? failure("is a whole number from 0 to \(UInt32.max)")
    case .uint64:
      return UInt64(digits).map { .success($0) } ?? failure("is a whole number from 0 on")
    case .int32:
      return Int32(digits).map { .success(UInt64(bitPattern: Int64($0))) }
        ?? failure("is a whole number from \(Int32.min) to \(Int32.max)")
    case .int64:
      return Int64(digits).map { .success(UInt64(bitPattern: $0)) } ?? failure("is a whole number")
    case .string, .bytes, .message:
      return failure("cannot be written in a catalogue")
    }
  }

  private static func failure(_ message: String) -> Result<UInt64, Expectation> {
    .failure(Expectation(message: message))
  }
}
