// First stage: from the descriptor set that protoc wrote to the model. The only part of the
// generator that sees C; everything behind it works on values.
internal import CProtobufC
internal import Protobuf
internal import WellKnownWire

/// Reads a descriptor set.
enum DescriptorReader {
  /// The files of the set, dependencies first, as protoc orders them.
  static func files(in bytes: [UInt8]) throws(GeneratorError) -> [ProtoFile] {
    guard
      let set = unsafe google__protobuf__file_descriptor_set__unpack(nil, bytes.count, bytes)
    else { throw GeneratorError("the input is no descriptor set") }
    defer { unsafe google__protobuf__file_descriptor_set__free_unpacked(set, nil) }
    return unsafe (0..<Int(set.pointee.n_file)).map { index in
      unsafe file(set.pointee.file[index]!)
    }
  }

  private static func file(
    _ proto: UnsafePointer<Google__Protobuf__FileDescriptorProto>
  ) -> ProtoFile {
    let comments = unsafe Comments(proto)
    let package = unsafe text(proto.pointee.package)
    var file = unsafe ProtoFile(path: text(proto.pointee.name), package: package)
    file.dependencies = unsafe (0..<Int(proto.pointee.n_dependency)).map { index in
      unsafe text(proto.pointee.dependency[index])
    }
    file.messages = unsafe (0..<Int(proto.pointee.n_message_type)).map { index in
      unsafe message(
        proto.pointee.message_type[index]!,
        at: Place(scope: package, path: [4, Int32(index)], comments: comments))
    }
    file.enums = unsafe (0..<Int(proto.pointee.n_enum_type)).map { index in
      unsafe enumeration(
        proto.pointee.enum_type[index]!,
        at: Place(scope: package, path: [5, Int32(index)], comments: comments))
    }
    file.services = unsafe (0..<Int(proto.pointee.n_service)).map { index in
      unsafe service(
        proto.pointee.service[index]!,
        at: Place(scope: package, path: [6, Int32(index)], comments: comments))
    }
    file.serialized = unsafe serialized(proto)
    return file
  }

  /// The file in wire form, without comments.
  private static func serialized(
    _ proto: UnsafePointer<Google__Protobuf__FileDescriptorProto>
  ) -> [UInt8] {
    var copy = unsafe proto.pointee
    unsafe copy.source_code_info = nil
    let arena = WireArena.forEncoding()
    defer { arena.release() }
    var output: [UInt8] = []
    unsafe withUnsafePointer(to: &copy) { unsafe arena.pack(UnsafeRawPointer($0), into: &output) }
    return output
  }

  private static func message(
    _ proto: UnsafePointer<Google__Protobuf__DescriptorProto>, at place: Place
  ) -> ProtoMessage {
    let name = unsafe text(proto.pointee.name)
    var message = ProtoMessage(
      name: name, fullName: place.fullName(name), comment: place.comment)
    message.fields = unsafe (0..<Int(proto.pointee.n_field)).map { index in
      unsafe field(proto.pointee.field[index]!, at: place.inside(name, 2, index))
    }
    message.oneofs = unsafe (0..<Int(proto.pointee.n_oneof_decl)).map { index in
      unsafe oneof(proto.pointee.oneof_decl[index]!, at: place.inside(name, 8, index))
    }
    message.messages = unsafe (0..<Int(proto.pointee.n_nested_type)).map { index in
      unsafe self.message(proto.pointee.nested_type[index]!, at: place.inside(name, 3, index))
    }
    message.enums = unsafe (0..<Int(proto.pointee.n_enum_type)).map { index in
      unsafe enumeration(proto.pointee.enum_type[index]!, at: place.inside(name, 4, index))
    }
    return message
  }

  private static func field(
    _ proto: UnsafePointer<Google__Protobuf__FieldDescriptorProto>, at place: Place
  ) -> ProtoField {
    let typeName = unsafe String(text(proto.pointee.type_name).drop { $0 == "." })
    let options = unsafe proto.pointee.options.map { unsafe Wire.unknownFields($0.pointee.base) }
    return unsafe ProtoField(
      name: text(proto.pointee.name), number: Int(proto.pointee.number),
      kind: kind(proto.pointee.type.rawValue, typeName: typeName),
      isRepeated: proto.pointee.label.rawValue == 3,
      oneof: proto.pointee.has_oneof_index != 0 ? Int(proto.pointee.oneof_index) : nil,
      comment: place.comment, rule: ContractOptions.fieldRule(options ?? []))
  }

  /// The numbers are those of google.protobuf.FieldDescriptorProto.Type.
  private static func kind(_ type: UInt32, typeName: String) -> ProtoField.Kind {
    switch type {
    case 1: .double
    case 2: .float
    case 3, 16, 18: .int64
    case 4, 6: .uint64
    case 5, 15, 17: .int32
    case 7, 13: .uint32
    case 8: .bool
    case 9: .string
    case 12: .bytes
    case 14: .enumeration(typeName)
    default: .message(typeName)
    }
  }

  private static func oneof(
    _ proto: UnsafePointer<Google__Protobuf__OneofDescriptorProto>, at place: Place
  ) -> ProtoOneof {
    let options = unsafe proto.pointee.options.map { unsafe Wire.unknownFields($0.pointee.base) }
    return unsafe ProtoOneof(
      name: text(proto.pointee.name), comment: place.comment,
      isRequired: ContractOptions.oneofRequired(options ?? []))
  }

  private static func enumeration(
    _ proto: UnsafePointer<Google__Protobuf__EnumDescriptorProto>, at place: Place
  ) -> ProtoEnum {
    let name = unsafe text(proto.pointee.name)
    let values = unsafe (0..<Int(proto.pointee.n_value)).map { index in
      unsafe value(proto.pointee.value[index]!, at: place.inside(name, 2, index))
    }
    return ProtoEnum(
      name: name, fullName: place.fullName(name), comment: place.comment, values: values)
  }

  private static func value(
    _ proto: UnsafePointer<Google__Protobuf__EnumValueDescriptorProto>, at place: Place
  ) -> ProtoEnumValue {
    let options = unsafe proto.pointee.options.map { unsafe Wire.unknownFields($0.pointee.base) }
    return unsafe ProtoEnumValue(
      name: text(proto.pointee.name), number: proto.pointee.number, comment: place.comment,
      error: ContractOptions.errorEntry(options ?? []))
  }

  private static func service(
    _ proto: UnsafePointer<Google__Protobuf__ServiceDescriptorProto>, at place: Place
  ) -> ProtoService {
    let name = unsafe text(proto.pointee.name)
    let methods = unsafe (0..<Int(proto.pointee.n_method)).map { index in
      unsafe method(proto.pointee.method[index]!, at: place.inside(name, 2, index))
    }
    return ProtoService(
      name: name, fullName: place.fullName(name), comment: place.comment, methods: methods)
  }

  private static func method(
    _ proto: UnsafePointer<Google__Protobuf__MethodDescriptorProto>, at place: Place
  ) -> ProtoMethod {
    let options = unsafe proto.pointee.options.map { unsafe Wire.unknownFields($0.pointee.base) }
    return unsafe ProtoMethod(
      name: text(proto.pointee.name), comment: place.comment,
      input: String(text(proto.pointee.input_type).drop { $0 == "." }),
      output: String(text(proto.pointee.output_type).drop { $0 == "." }),
      clientStreaming: proto.pointee.client_streaming != 0,
      serverStreaming: proto.pointee.server_streaming != 0,
      contract: ContractOptions.methodContract(options ?? []))
  }
}

/// A string of a descriptor; protoc has checked it.
func text(_ data: ProtobufCBinaryData) -> String {
  unsafe String(
    decoding: UnsafeBufferPointer(start: data.data, count: data.len), as: UTF8.self)
}
