/// The cases of one field.
struct CaseText {
  /// Where the field's value stands in the Swift struct.
  enum Place {
    case property
    /// In the oneof of this name.
    case oneof(String)
  }

  private let shape: FieldShape
  private let message: ProtoMessage
  private let schema: Schema
  private let place: Place

  init(_ shape: FieldShape, _ message: ProtoMessage, _ schema: Schema, place: Place) {
    self.shape = shape
    self.message = message
    self.schema = schema
    self.place = place
  }

  private var rule: FieldRule { shape.field.rule }
  private var rules: RuleText { RuleText(shape, message: message, schema: schema) }

  func emit(into text: inout SourceText) {
    if shape.field.isRepeated { counts(into: &text) }
    presence(into: &text)
    values(into: &text)
    if case .message(let name) = shape.field.kind, !rule.itemsApart { parts(name, into: &text) }
  }

  /// The field's name in the answer: an element's own for a rule that holds for each.
  private var path: String {
    shape.field.isRepeated ? "\(shape.field.name)[0]" : shape.field.name
  }

  /// The statement that sets the field, or its first element, to `value`.
  private func set(_ value: String) -> String {
    switch place {
    case .property:
      shape.field.isRepeated ? "$0.\(shape.name) = [\(value)]" : "$0.\(shape.name) = \(value)"
    case .oneof(let property): "$0.\(property) = .\(shape.name)(\(value))"
    }
  }

  private func add(
    _ kind: String, _ sentence: String, _ change: String, path: String? = nil,
    into text: inout SourceText
  ) {
    text.line("cases.add(\"\(path ?? self.path)\", .\(kind), \(sentence)) {")
    text.line("  \(change)")
    fulfil(into: &text)
    text.line("}")
  }

  /// Sets what is required with this field, so that the case breaks one rule only.
  private func fulfil(into text: inout SourceText) {
    for field in message.fields where field.rule.requiredWith == shape.field.name {
      let dependent = FieldShape(field, in: schema)
      let value = ExampleText(schema: schema).value(dependent)
      let condition = RuleText(dependent, message: message, schema: schema).isEmpty(of: "$0")
      text.line("  if \(condition) { $0.\(dependent.name) = \(value) }")
    }
  }

  private func counts(into text: inout SourceText) {
    let element = "base.\(shape.name).first ?? \(ExampleText(schema: schema).value(shape))"
    if rule.minItems > 0 {
      add(
        "minItems", RuleSentence.minItems(rule.minItems),
        "$0.\(shape.name) = Array($0.\(shape.name).prefix(\(rule.minItems - 1)))",
        path: shape.field.name, into: &text)
    }
    if rule.maxItems > 0 {
      add(
        "maxItems", RuleSentence.maxItems(rule.maxItems),
        "$0.\(shape.name) = Array(repeating: \(element), count: \(rule.maxItems + 1))",
        path: shape.field.name, into: &text)
    }
  }

  private func presence(into text: inout SourceText) {
    if rules.checksPresence {
      switch place {
      case .oneof where shape.isMessage: break
      default:
        let empty = shape.isMessage ? "nil" : emptyValue
        add("required", rules.presenceSentence, set(empty), into: &text)
      }
    }
    guard !rule.requiredWith.isEmpty,
      let other = message.fields.first(where: { $0.name == rule.requiredWith })
    else { return }
    let otherShape = FieldShape(other, in: schema)
    let value = ExampleText(schema: schema).value(otherShape)
    let setOther = other.isRepeated ? "[\(value)]" : value
    add(
      "requiredWith", RuleSentence.requiredWith(rule.requiredWith),
      "\(set(shape.isMessage ? "nil" : emptyValue)); $0.\(otherShape.name) = \(setOther)",
      into: &text)
  }

  private func values(into text: inout SourceText) {
    switch shape.field.kind {
    case .string, .bytes: lengthAndFormat(into: &text)
    case .int32, .uint32, .int64, .uint64: range(into: &text)
    case .enumeration where rule.knownValue:
      for number in [0, 9999] {
        add(
          "knownValue", RuleSentence.knownValue,
          set("\(shape.elementType)(rawValue: \(number))"), into: &text)
      }
    default: break
    }
  }

  private func lengthAndFormat(into text: inout SourceText) {
    let isString = shape.field.kind == .string
    if rule.maxLength > 0 {
      let value =
        isString
        ? "String(repeating: \"a\", count: \(rule.maxLength + 1))"
        : "[UInt8](repeating: 1, count: \(rule.maxLength + 1))"
      add("maxLength", RuleSentence.maxLength(rule.maxLength), set(value), into: &text)
    }
    guard isString, rule.format != .none else { return }
    for value in wrongSpellings {
      let kind = rule.format == .slot ? "slot" : "format"
      add(kind, RuleSentence.format(rule.format), set(Names.literal(value)), into: &text)
    }
  }

  private var wrongSpellings: [String] {
    switch rule.format {
    case .none: []
    case .slot:
      ["2030-1-05", "2030-02-30", "20300105", "2030-01-05T10:30:00Z", "2030-01-05T10:30-05:00"]
        + ["2030-01-05 10:30:00-05:00", "2030-01-05T10:30:00-00:00", "2030-01-05T24:00:00+00:00"]
    case .id, .timeZone: ["a b", "ñ"]
    case .date: ["2030-02-30", "2030-1-05"]
    case .clockTime: ["24:01", "9:30"]
    }
  }

  private func range(into text: inout SourceText) {
    let atLeast = rule.effectiveAtLeast(shape.field.kind)
    let sentence = RuleSentence.range(atLeast, rule.atMost)
    if let atLeast { add("range", sentence, set("\(atLeast - 1)"), into: &text) }
    if let atMost = rule.atMost { add("range", sentence, set("\(atMost + 1)"), into: &text) }
  }

  private func parts(_ name: String, into text: inout SourceText) {
    switch name {
    case "google.protobuf.Duration": durations(into: &text)
    case "google.protobuf.Timestamp":
      add(
        "wellFormed", RuleSentence.wellFormedTimestamp,
        set("ProtobufTimestamp(seconds: 0, nanos: -1)"), into: &text)
    default:
      let variable = "\(Names.lowerCamel(shape.field.name))Part"
      basePart(variable, into: &text)
      text.line("cases.add(\(shape.elementType).violating(\(variable)), at: \"\(path)\") {")
      text.line("  \(set("$1"))")
      fulfil(into: &text)
      text.line("}")
    }
  }

  private func basePart(_ variable: String, into text: inout SourceText) {
    let example = "\(shape.elementType).example()"
    switch place {
    case .property where shape.field.isRepeated:
      text.line("let \(variable) = base.\(shape.name).first ?? \(example)")
    case .property: text.line("let \(variable) = base.\(shape.name) ?? \(example)")
    case .oneof(let property):
      text.line("let \(variable) =")
      text.line("  if case .\(shape.name)(let part)? = base.\(property) { part }")
      text.line("  else { \(example) }")
    }
  }

  private func durations(into text: inout SourceText) {
    add(
      "wellFormed", RuleSentence.wellFormedDuration,
      set("ProtobufDuration(seconds: 1, nanos: -1)"), into: &text)
    if rule.notNegative {
      add("duration", RuleSentence.notNegative, set(literal(.init(seconds: -1))), into: &text)
    }
    if let bound = rule.moreThan {
      add("duration", RuleSentence.moreThan(bound), set(literal(bound)), into: &text)
    }
    if let bound = rule.atMostDuration {
      let beyond = FieldRule.Duration(seconds: bound.seconds + 1, nanos: bound.nanos)
      add("duration", RuleSentence.atMost(bound), set(literal(beyond)), into: &text)
    }
  }

  private func literal(_ duration: FieldRule.Duration) -> String {
    "ProtobufDuration(seconds: \(duration.seconds), nanos: \(duration.nanos))"
  }

  private var emptyValue: String {
    switch shape.field.kind {
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "[]"
    case .enumeration: "\(shape.elementType)(rawValue: 0)"
    default: "0"
    }
  }
}
