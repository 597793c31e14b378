/// Writes, for a message that clients send, an example that breaks no rule and its variations that
/// break one.
struct CaseEmitter {
  let schema: Schema
  let isRequest: Bool

  func emit(_ message: ProtoMessage, into text: inout SourceText) {
    for (index, part) in message.withNested.enumerated() {
      if index > 0 { text.line() }
      let type = schema.swiftName(part.fullName)
      let access = isRequest && index == 0 ? "package " : ""
      text.block("extension \(type) {") { text in
        example(part, type, access, into: &text)
        text.line()
        violating(part, type, access, into: &text)
      }
    }
  }

  private func example(
    _ message: ProtoMessage, _ type: String, _ access: String, into text: inout SourceText
  ) {
    let values = ExampleText(schema: schema)
    let lines = values.assignments(of: message)
    text.doc("The least that breaks no rule of the schema.")
    text.block("\(access)static func example() -> \(type) {") { text in
      if lines.isEmpty {
        text.line("\(type)()")
      } else {
        text.line("var example = \(type)()")
        for line in lines { text.line("example.\(line)") }
        text.line("return example")
      }
    }
  }

  private func violating(
    _ message: ProtoMessage, _ type: String, _ access: String, into text: inout SourceText
  ) {
    var body = SourceText()
    for field in message.fields where field.oneof == nil {
      CaseText(FieldShape(field, in: schema), message, schema, place: .property).emit(into: &body)
    }
    for (index, oneof) in message.oneofs.enumerated() {
      let property = Names.member(oneof.name)
      if oneof.isRequired {
        body.line("cases.add(\"\(oneof.name)\", .oneofRequired, \(RuleSentence.oneof)) {")
        body.line("  $0.\(property) = nil")
        body.line("}")
      }
      for field in message.fields where field.oneof == index {
        CaseText(FieldShape(field, in: schema), message, schema, place: .oneof(property))
          .emit(into: &body)
      }
    }
    text.doc("Variations of `base`, a message that breaks no rule; each breaks exactly one.")
    text.block(
      "\(access)static func violating(_ base: \(type)) -> [ViolatingCase<\(type)>] {"
    ) { text in
      text.line("\(body.text.isEmpty ? "let" : "var") cases = ViolatingCases(base)")
      text.lines(body.text)
      text.line("return cases.all")
    }
  }
}
