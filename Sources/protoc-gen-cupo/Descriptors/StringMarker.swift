internal import CProtobufC
internal import Protobuf
internal import WellKnownWire

/// Sets protobuf-c's `string_as_bytes` on every string of a descriptor set.
///
/// protoc-c's own `char *` strings end at the first NUL and hide what follows; as bytes they keep
/// their length. Doing it here keeps protobuf-c out of the public proto files.
enum StringMarker {
  /// `(pb_c_field)` = 1019 with `string_as_bytes` = 1, of protobuf-c/protobuf-c.proto.
  private static let option: [UInt8] = [0xda, 0x3f, 0x02, 0x08, 0x01]
  /// google.protobuf.FieldDescriptorProto.Type.TYPE_STRING
  private static let stringType: UInt32 = 9

  /// The set with all strings marked.
  static func mark(_ bytes: [UInt8]) throws(GeneratorError) -> [UInt8] {
    let arena = WireArena.forEncoding()
    defer { arena.release() }
    let unpacked = unsafe google__protobuf__file_descriptor_set__unpack(
      arena.allocator, bytes.count, bytes)
    guard let set = unsafe unpacked else { throw GeneratorError("the input is no descriptor set") }
    for index in unsafe 0..<Int(set.pointee.n_file) {
      let file = unsafe set.pointee.file[index]!
      for message in unsafe 0..<Int(file.pointee.n_message_type) {
        unsafe mark(file.pointee.message_type[message]!, arena)
      }
    }
    var output: [UInt8] = []
    unsafe arena.pack(UnsafeRawPointer(set), into: &output)
    return output
  }

  private static func mark(
    _ message: UnsafeMutablePointer<Google__Protobuf__DescriptorProto>, _ arena: WireArena
  ) {
    for index in unsafe 0..<Int(message.pointee.n_field) {
      let field = unsafe message.pointee.field[index]!
      if unsafe field.pointee.type.rawValue == stringType { unsafe mark(field, arena) }
    }
    for index in unsafe 0..<Int(message.pointee.n_nested_type) {
      unsafe mark(message.pointee.nested_type[index]!, arena)
    }
  }

  private static func mark(
    _ field: UnsafeMutablePointer<Google__Protobuf__FieldDescriptorProto>, _ arena: WireArena
  ) {
    if unsafe field.pointee.options == nil {
      let bytes = unsafe MemoryLayout<Google__Protobuf__FieldOptions>.size
      let options = unsafe arena.space(bytes: bytes).bindMemory(
        to: Google__Protobuf__FieldOptions.self, capacity: 1)
      unsafe google__protobuf__field_options__init(options)
      unsafe field.pointee.options = options
    }
    let options = unsafe field.pointee.options!
    let present = unsafe Wire.unknownFields(options.pointee.base)
    unsafe arena.setUnknownFields(present + option, of: &options.pointee.base)
  }
}
