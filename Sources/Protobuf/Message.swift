/// A Protocol Buffers message: a value that decodes from and encodes to its wire form.
///
/// Conformances are generated; see docs/architecture.md for how protobuf-c is used underneath.
package protocol Message: Sendable, Equatable {
  /// The full name in the schema, as in `cupo.capacity.v1.ReserveRequest`.
  static var fullName: String { get }

  /// The message with every field at its default.
  init()

  /// Decodes one message.
  ///
  /// - Throws: ``DecodingError`` for bytes that are no such message, for strings with a NUL or
  ///   invalid UTF-8, and for messages that would take more memory than the decoder allows.
  init(decoding bytes: Span<UInt8>) throws(DecodingError)

  /// Appends the wire form, unknown fields included, to `output`.
  func encode(into output: inout [UInt8])
}

extension Message {
  /// The wire form.
  package func encoded() -> [UInt8] {
    var output: [UInt8] = []
    encode(into: &output)
    return output
  }
}
