/// Writes how a message goes from its C struct to Swift and back.
struct CodecEmitter {
  let schema: Schema
  let module: Module

  func emit(_ message: ProtoMessage, into text: inout SourceText) {
    let type = schema.swiftName(message.fullName)
    let c = Names.cType(message.fullName)
    text.block("extension \(type) {") { text in
      entryPoints(c, message, into: &text)
      text.line()
      text.block("\(module.codecAccess)init(wire: UnsafePointer<\(c)>) throws(DecodingError) {") {
        decode(message, into: &$0)
      }
      text.line()
      text.doc("The C form, in memory of `arena`.")
      let result = "UnsafeMutablePointer<\(c)>"
      text.block("\(module.codecAccess)func wire(in arena: WireArena) -> \(result) {") {
        encode(message, c, into: &$0)
      }
    }
  }

  private func entryPoints(_ c: String, _ message: ProtoMessage, into text: inout SourceText) {
    text.block("static let wireType = unsafe WireType {", closing: "}") { text in
      text.line("var message = unsafe \(c)()")
      text.line("unsafe \(Names.cFunctions(message.fullName))__init(&message)")
      text.line("return unsafe message.base")
    }
    text.line()
    text.block("package init(decoding bytes: Span<UInt8>) throws(DecodingError) {") { text in
      text.line("let arena = WireArena.forDecoding(inputBytes: bytes.count)")
      text.line("defer { arena.release() }")
      text.line("let wire = try unsafe Self.wireType.unpack(bytes, in: arena)")
      text.line("try unsafe self.init(wire: wire.assumingMemoryBound(to: \(c).self))")
    }
    text.line()
    text.block("package func encode(into output: inout [UInt8]) {") { text in
      text.line("let arena = WireArena.forEncoding()")
      text.line("defer { arena.release() }")
      text.line("unsafe arena.pack(UnsafeRawPointer(wire(in: arena)), into: &output)")
    }
  }

  // MARK: decoding

  private func decode(_ message: ProtoMessage, into text: inout SourceText) {
    for field in message.fields where field.oneof == nil {
      let shape = FieldShape(field, in: schema)
      if field.isRepeated {
        decodeRepeated(shape, message, into: &text)
      } else if shape.isMessage {
        text.block("if let field = unsafe wire.pointee.\(shape.cName) {") {
          $0.line("\(shape.name) = try unsafe \(shape.elementType)(wire: field)")
        }
      } else {
        text.line("\(shape.name) = \(value(shape, "wire.pointee.\(shape.cName)", message))")
      }
    }
    for index in message.oneofs.indices { decodeOneof(index, message, into: &text) }
    text.line("unknownFields = unsafe Wire.unknownFields(wire.pointee.base)")
  }

  private func decodeRepeated(
    _ shape: FieldShape, _ message: ProtoMessage, into text: inout SourceText
  ) {
    let count = "\(shape.name)Count"
    let plain = count.replacingBackticks()
    text.line("let \(plain) = unsafe Int(wire.pointee.n_\(shape.cName))")
    text.block("if \(plain) > 0 {") { text in
      text.line("\(shape.name).reserveCapacity(\(plain))")
      text.block("for index in 0..<\(plain) {") { text in
        let element = "wire.pointee.\(shape.cName)[index]"
        if shape.isMessage {
          text.line("\(shape.name).append(try unsafe \(shape.elementType)(wire: \(element)!))")
        } else {
          text.line("\(shape.name).append(\(value(shape, element, message)))")
        }
      }
    }
  }

  private func decodeOneof(_ index: Int, _ message: ProtoMessage, into text: inout SourceText) {
    let oneof = message.oneofs[index]
    let property = Names.member(oneof.name)
    text.line("switch unsafe wire.pointee.\(oneof.name)_case.rawValue {")
    for field in message.fields where field.oneof == index {
      let shape = FieldShape(field, in: schema)
      text.line("case \(field.number):")
      if shape.isMessage {
        text.block("  if let field = unsafe wire.pointee.\(shape.cName) {", closing: "  }") {
          $0.line("  \(property) = .\(shape.name)(try unsafe \(shape.elementType)(wire: field))")
        }
      } else {
        let payload = value(shape, "wire.pointee.\(shape.cName)", message)
        text.line("  \(property) = .\(shape.name)(\(payload))")
      }
    }
    text.line("default: break")
    text.line("}")
  }

  private func value(
    _ shape: FieldShape, _ source: String, _ message: ProtoMessage
  ) -> String {
    switch shape.field.kind {
    case .string:
      "try unsafe Wire.string(\(source), \"\(message.fullName).\(shape.field.name)\")"
    case .bytes: "unsafe Wire.bytes(\(source))"
    case .bool: "unsafe \(source) != 0"
    case .enumeration:
      "unsafe \(shape.elementType)(rawValue: Int32(truncatingIfNeeded: \(source).rawValue))"
    default: "unsafe \(source)"
    }
  }

  // MARK: encoding

  private func encode(_ message: ProtoMessage, _ c: String, into text: inout SourceText) {
    text.line("let wire = unsafe arena.space(bytes: MemoryLayout<\(c)>.size)")
    text.line("  .bindMemory(to: \(c).self, capacity: 1)")
    text.line("unsafe \(Names.cFunctions(message.fullName))__init(wire)")
    for field in message.fields where field.oneof == nil {
      let shape = FieldShape(field, in: schema)
      if field.isRepeated {
        encodeRepeated(shape, into: &text)
      } else if shape.isMessage {
        text.line("if let \(shape.name) {")
        text.line("  unsafe wire.pointee.\(shape.cName) = \(shape.name).wire(in: arena)")
        text.line("}")
      } else {
        text.line("unsafe wire.pointee.\(shape.cName) = \(cValue(shape, shape.name))")
      }
    }
    for index in message.oneofs.indices { encodeOneof(index, message, into: &text) }
    text.line("unsafe arena.setUnknownFields(unknownFields, of: &wire.pointee.base)")
    text.line("return unsafe wire")
  }

  private func encodeRepeated(_ shape: FieldShape, into text: inout SourceText) {
    let c = cElementType(shape)
    text.block("if !\(shape.name).isEmpty {") { text in
      text.line("let count = \(shape.name).count")
      text.line("let elements = unsafe arena.space(bytes: MemoryLayout<\(c)>.stride * count)")
      text.line("  .bindMemory(to: \(c).self, capacity: count)")
      text.block("for index in \(shape.name).indices {") { text in
        let value = cValue(shape, "\(shape.name)[index]")
        text.line("unsafe (elements + index).initialize(to: \(value))")
      }
      text.line("unsafe wire.pointee.\(shape.cName) = elements")
      text.line("unsafe wire.pointee.n_\(shape.cName) = count")
    }
  }

  private func encodeOneof(_ index: Int, _ message: ProtoMessage, into text: inout SourceText) {
    let oneof = message.oneofs[index]
    text.line("switch \(Names.member(oneof.name)) {")
    text.line("case nil: break")
    for field in message.fields where field.oneof == index {
      let shape = FieldShape(field, in: schema)
      text.line("case .\(shape.name)(let value)?:")
      text.line("  unsafe wire.pointee.\(oneof.name)_case = .init(rawValue: \(field.number))")
      text.line("  unsafe wire.pointee.\(shape.cName) = \(cValue(shape, "value"))")
    }
    text.line("}")
  }

  private func cValue(_ shape: FieldShape, _ source: String) -> String {
    switch shape.field.kind {
    case .string, .bytes: "arena.copy(\(source))"
    case .bool: "\(source) ? 1 : 0"
    case .enumeration: ".init(rawValue: .init(truncatingIfNeeded: \(source).rawValue))"
    case .message: "\(source).wire(in: arena)"
    default: source
    }
  }

  private func cElementType(_ shape: FieldShape) -> String {
    switch shape.field.kind {
    case .string, .bytes: "ProtobufCBinaryData"
    case .bool: "protobuf_c_boolean"
    case .enumeration(let name): Names.cType(name)
    case .message(let name): "UnsafeMutablePointer<\(Names.cType(name))>?"
    default: shape.elementType
    }
  }
}

extension String {
  fileprivate func replacingBackticks() -> String { filter { $0 != "`" } }
}
