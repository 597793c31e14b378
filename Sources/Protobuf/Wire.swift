// Between generated Swift and protobuf-c: what both directions need, written once and without
// generics, because `package` generics are not specialised across modules.
package import CProtobufC

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// The steps from C structs to Swift values; generated code is made of them.
package enum Wire {
  /// A string field: UTF-8 without NUL.
  package static func string(
    _ data: ProtobufCBinaryData, _ subject: StaticString
  ) throws(DecodingError) -> String {
    let bytes = unsafe UnsafeBufferPointer(start: data.data, count: data.len)
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return "" }
    // By a span, for which nothing generic is looked up at each call.
    guard unsafe memchr(start, 0, bytes.count) == nil,
      let text = try? UTF8Span(validating: unsafe bytes.span)
    else { throw DecodingError(.invalidString, subject: subject.description) }
    return String(copying: text)
  }

  /// A bytes field.
  package static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    unsafe [UInt8](UnsafeBufferPointer(start: data.data, count: data.len))
  }

  /// The fields that the schema does not know, in wire form: each its tag and its value.
  package static func unknownFields(_ message: ProtobufCMessage) -> [UInt8] {
    guard unsafe message.n_unknown_fields > 0 else { return [] }
    var output: [UInt8] = []
    for index in unsafe 0..<Int(message.n_unknown_fields) {
      let field = unsafe message.unknown_fields[index]
      // protobuf-c takes the impossible number 0 where it is spelled in several bytes, and refuses the short spelling.
      guard unsafe field.tag != 0 else { continue }
      unsafe appendVarint(
        UInt64(field.tag) << 3 | UInt64(field.wire_type.rawValue), to: &output)
      unsafe output.append(
        contentsOf: UnsafeBufferPointer(start: field.data, count: field.len))
    }
    return output
  }

  /// Appends a base-128 number.
  package static func appendVarint(_ value: UInt64, to output: inout [UInt8]) {
    var rest = value
    while rest > 0x7f {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: rest))
  }
}
