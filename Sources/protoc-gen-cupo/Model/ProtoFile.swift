/// One proto file, as the emitters see it.
struct ProtoFile {
  var path: String
  var package: String
  var dependencies: [String] = []
  var messages: [ProtoMessage] = []
  var enums: [ProtoEnum] = []
  var services: [ProtoService] = []
  /// The FileDescriptorProto without comments.
  var serialized: [UInt8] = []
}
