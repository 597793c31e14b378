/// Writes the validation of a message that clients send.
struct RuleEmitter {
  let schema: Schema
  /// Whether the message is a request, which answers for all its parts.
  let isRequest: Bool

  func emit(_ message: ProtoMessage, into text: inout SourceText) {
    for (index, part) in message.withNested.enumerated() {
      if index > 0 { text.line() }
      text.block("extension \(schema.swiftName(part.fullName)) {") { text in
        if index == 0, isRequest { entryPoint(&text) }
        text.doc("Adds what breaks a rule in this message and its parts.")
        text.block("func check(_ violations: inout Violations) {") { text in
          for field in part.fields where field.oneof == nil { check(field, part, into: &text) }
          for index in part.oneofs.indices { check(oneof: index, of: part, into: &text) }
        }
      }
    }
  }

  private func entryPoint(_ text: inout SourceText) {
    text.doc(
      "Every field of the request that breaks a rule, at most `Violations.max`; empty if none does."
    )
    text.block("package func violations() -> [FieldViolation] {") { text in
      text.line("var violations = Violations()")
      text.line("check(&violations)")
      text.line("return violations.found")
    }
    text.line()
  }

  private func check(_ field: ProtoField, _ message: ProtoMessage, into text: inout SourceText) {
    let shape = FieldShape(field, in: schema)
    if field.isRepeated {
      checkRepeated(shape, into: &text)
    } else {
      let rules = RuleText(shape, message: message, schema: schema)
      rules.presence(into: &text)
      if shape.isMessage {
        guard rules.checksValue else { return }
        text.block("if let \(shape.name) {") { rules.value(shape.name, index: nil, into: &$0) }
      } else {
        rules.value(shape.name, index: nil, into: &text)
      }
    }
  }

  private func checkRepeated(_ shape: FieldShape, into text: inout SourceText) {
    let rule = shape.field.rule
    let rules = RuleText(shape, message: nil, schema: schema)
    if rule.minItems > 0 {
      rules.add(
        "\(shape.name).count < \(rule.minItems)", RuleSentence.minItems(rule.minItems), into: &text)
    }
    if rule.maxItems > 0 {
      rules.add(
        "\(shape.name).count > \(rule.maxItems)", RuleSentence.maxItems(rule.maxItems), into: &text)
    }
    guard rules.checksValue else { return }
    // Beyond the limit the list as a whole is refused already.
    let range =
      rule.maxItems > 0 ? "\(shape.name).indices.prefix(\(rule.maxItems))" : "\(shape.name).indices"
    text.block("for index in \(range) {") { text in
      rules.elementPresence("\(shape.name)[index]", index: "index", into: &text)
      rules.value("\(shape.name)[index]", index: "index", into: &text)
    }
  }

  private func check(oneof index: Int, of message: ProtoMessage, into text: inout SourceText) {
    let oneof = message.oneofs[index]
    let members = message.fields.filter { $0.oneof == index }
    let checked = members.map { field in
      RuleText(FieldShape(field, in: schema), message: message, schema: schema)
    }.filter(\.checksValue)
    guard !checked.isEmpty || oneof.isRequired else { return }
    text.line("switch \(Names.member(oneof.name)) {")
    if oneof.isRequired {
      text.line("case nil: violations.add(\"\(oneof.name)\", \(RuleSentence.oneof))")
    }
    for rules in checked {
      text.block("case .\(rules.shape.name)(let value)?:", closing: nil) { text in
        rules.elementPresence("value", into: &text)
        rules.value("value", index: nil, into: &text)
      }
    }
    if checked.count < members.count || !oneof.isRequired { text.line("default: break") }
    text.line("}")
  }
}
