/// Writes the Swift struct of a message.
struct MessageEmitter {
  let schema: Schema
  let module: Module

  /// A top-level message with everything inside it, and its codecs.
  func emit(_ message: ProtoMessage, into text: inout SourceText) {
    declare(message, into: &text)
    for part in message.withNested {
      text.line()
      CodecEmitter(schema: schema, module: module).emit(part, into: &text)
    }
  }

  private func declare(_ message: ProtoMessage, into text: inout SourceText) {
    let name = schema.swiftName(message.fullName)
    let own = name.split(separator: ".").last.map(String.init) ?? name
    text.doc(message.comment.isEmpty ? "`\(message.fullName)`." : message.comment)
    text.block("package struct \(own): Message {") { text in
      text.line("package static let fullName = \"\(message.fullName)\"")
      text.line()
      properties(of: message, into: &text)
      text.doc(
        "Fields that this schema does not know, in wire form; decoding and encoding keep them.")
      text.line("package var unknownFields: [UInt8] = []")
      text.line()
      text.line("package init() {}")
      for (index, oneof) in message.oneofs.enumerated() {
        text.line()
        declare(oneof, index, of: message, into: &text)
      }
      for enumeration in message.enums {
        text.line()
        EnumEmitter(schema: schema).emit(enumeration, into: &text)
      }
      for nested in message.messages {
        text.line()
        declare(nested, into: &text)
      }
    }
  }

  private func properties(of message: ProtoMessage, into text: inout SourceText) {
    var done: Set<Int> = []
    for field in message.fields {
      if let index = field.oneof {
        guard done.insert(index).inserted else { continue }
        let oneof = message.oneofs[index]
        text.doc(oneof.comment)
        text.line("package var \(Names.member(oneof.name)): \(Names.oneofType(oneof.name))?")
      } else {
        let shape = FieldShape(field, in: schema)
        text.doc(field.comment)
        text.line("package var \(shape.name): \(shape.declaration)")
      }
    }
  }

  private func declare(
    _ oneof: ProtoOneof, _ index: Int, of message: ProtoMessage, into text: inout SourceText
  ) {
    text.doc("What `\(oneof.name)` can hold: one of these.")
    text.block("package enum \(Names.oneofType(oneof.name)): Equatable, Sendable {") { text in
      for field in message.fields where field.oneof == index {
        let shape = FieldShape(field, in: schema)
        text.doc(field.comment)
        text.line("case \(shape.name)(\(shape.elementType))")
      }
    }
  }
}
