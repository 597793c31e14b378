/// The checks of one field.
struct RuleText {
  let shape: FieldShape
  let message: ProtoMessage?
  let schema: Schema

  init(_ shape: FieldShape, message: ProtoMessage?, schema: Schema) {
    self.shape = shape
    self.message = message
    self.schema = schema
  }

  /// Whether the field holds one value of its own, and not an element or an alternative.
  private var isAlone: Bool { !shape.field.isRepeated && shape.field.oneof == nil }

  private var rule: FieldRule { shape.field.rule }

  /// Whether there is anything to check about a value that is present.
  var checksValue: Bool {
    (shape.isMessage && !rule.itemsApart) || rule.maxLength > 0 || rule.format != .none
      || rule.atLeast != nil
      || rule.atMost != nil || rule.knownValue || (checksPresence && !isAlone)
  }

  /// Whether an empty value is refused by a rule of its own, and not by a bound that excludes it
  /// anyway.
  var checksPresence: Bool {
    let isImplied =
      (shape.isEnum && rule.knownValue)
      || (rule.effectiveAtLeast(shape.field.kind) ?? 0) > 0 || (rule.atMost ?? 0) < 0
    return rule.required && !isImplied
  }

  /// What is said about an empty value.
  var presenceSentence: String {
    switch shape.field.kind {
    case .message: RuleSentence.missing
    case .bool: RuleSentence.mustBeTrue
    case .string, .bytes: RuleSentence.required
    default: RuleSentence.notZero
    }
  }

  /// That a field which must be there is there.
  func presence(into text: inout SourceText) {
    if checksPresence { add(isEmpty(shape), presenceSentence, into: &text) }
    guard !rule.requiredWith.isEmpty, let message,
      let other = message.fields.first(where: { $0.name == rule.requiredWith })
    else { return }
    let condition = "\(isEmpty(shape)), \(isSet(FieldShape(other, in: schema)))"
    add(condition, RuleSentence.requiredWith(rule.requiredWith), into: &text)
  }

  /// That one alternative of a oneof, or one element, is not empty where its rule says so.
  func elementPresence(_ value: String, index: String? = nil, into text: inout SourceText) {
    guard checksPresence, !shape.isMessage else { return }
    add(isEmpty(shape, value), presenceSentence, index: index, into: &text)
  }

  /// That a value is as the rule says; `index` is the expression of an element's index.
  func value(_ value: String, index: String?, into text: inout SourceText) {
    switch shape.field.kind {
    case .string, .bytes: lengthAndFormat(value, index, into: &text)
    case .int32, .uint32, .int64, .uint64: range(value, index, into: &text)
    case .enumeration:
      if rule.knownValue {
        add("!\(value).isKnown", RuleSentence.knownValue, index: index, into: &text)
      }
    case .message(let name): part(value, name, index, into: &text)
    default: break
    }
  }

  /// One rule: where `condition` holds, the field is named.
  func add(
    _ condition: String, _ sentence: String, index: String? = nil, into text: inout SourceText
  ) {
    let place = index.map { ", index: \($0)" } ?? ""
    text.block("if \(condition) {") {
      $0.line("violations.add(\"\(shape.field.name)\"\(place), \(sentence))")
    }
  }

  private func lengthAndFormat(_ value: String, _ index: String?, into text: inout SourceText) {
    let isString = shape.field.kind == .string
    let length = isString ? "\(value).utf8.count" : "\(value).count"
    var conditions: [(String, String)] = []
    if rule.maxLength > 0 {
      conditions.append(("\(length) > \(rule.maxLength)", RuleSentence.maxLength(rule.maxLength)))
    }
    if rule.format != .none, isString {
      let check = "!\(value).isEmpty, !Format.\(formatCheck)(\(value))"
      conditions.append((check, RuleSentence.format(rule.format)))
    }
    let place = index.map { ", index: \($0)" } ?? ""
    for (position, (condition, sentence)) in conditions.enumerated() {
      text.line("\(position == 0 ? "if" : "} else if") \(condition) {")
      let kind = rule.format == .slot && position == conditions.count - 1 ? "addSlot" : "add"
      text.line("  violations.\(kind)(\"\(shape.field.name)\"\(place), \(sentence))")
    }
    if !conditions.isEmpty { text.line("}") }
  }

  private var formatCheck: String {
    switch rule.format {
    case .none, .id: "isID"
    case .slot: "isSlot"
    case .date: "isDate"
    case .clockTime: "isClockTime"
    case .timeZone: "isTimeZoneName"
    }
  }

  private func range(_ value: String, _ index: String?, into text: inout SourceText) {
    let bounds = [
      rule.effectiveAtLeast(shape.field.kind).map { "\(value) < \($0)" },
      rule.atMost.map { "\(value) > \($0)" },
    ].compactMap(\.self)
    guard !bounds.isEmpty else { return }
    let sentence = RuleSentence.range(rule.effectiveAtLeast(shape.field.kind), rule.atMost)
    add(bounds.joined(separator: " || "), sentence, index: index, into: &text)
  }

  private func part(
    _ value: String, _ name: String, _ index: String?, into text: inout SourceText
  ) {
    switch name {
    case "google.protobuf.Duration": duration(value, index, into: &text)
    case "google.protobuf.Timestamp":
      add(
        "!\(value).isWellFormed", RuleSentence.wellFormedTimestamp, index: index, into: &text)
    default:
      let place = index.map { ", index: \($0)" } ?? ""
      let mark = "\(Names.lowerCamel(shape.field.name))Mark"
      text.line("let \(mark) = violations.count")
      text.line("\(value).check(&violations)")
      text.line("if violations.count > \(mark) {")
      text.line("  violations.prefix(from: \(mark), field: \"\(shape.field.name)\"\(place))")
      text.line("}")
    }
  }

  private func duration(_ value: String, _ index: String?, into text: inout SourceText) {
    var conditions = [("!\(value).isWellFormed", RuleSentence.wellFormedDuration)]
    if rule.notNegative {
      conditions.append(("\(value) < \(literal(.init()))", RuleSentence.notNegative))
    }
    if let bound = rule.moreThan {
      conditions.append(("\(value) <= \(literal(bound))", RuleSentence.moreThan(bound)))
    }
    if let bound = rule.atMostDuration {
      conditions.append(("\(value) > \(literal(bound))", RuleSentence.atMost(bound)))
    }
    let place = index.map { ", index: \($0)" } ?? ""
    for (position, (condition, sentence)) in conditions.enumerated() {
      text.line("\(position == 0 ? "if" : "} else if") \(condition) {")
      text.line("  violations.add(\"\(shape.field.name)\"\(place), \(sentence))")
    }
    text.line("}")
  }

  private func literal(_ duration: FieldRule.Duration) -> String {
    "ProtobufDuration(seconds: \(duration.seconds), nanos: \(duration.nanos))"
  }

  /// The condition that the field of `variable` is empty.
  func isEmpty(of variable: String) -> String { isEmpty(shape, "\(variable).\(shape.name)") }

  private func isEmpty(_ shape: FieldShape, _ value: String? = nil) -> String {
    if value == nil, shape.field.isRepeated { return "\(shape.name).isEmpty" }
    let value = value ?? shape.name
    return switch shape.field.kind {
    case .string, .bytes: "\(value).isEmpty"
    case .bool: "!\(value)"
    case .message: "\(value) == nil"
    case .enumeration: "\(value).rawValue == 0"
    default: "\(value) == 0"
    }
  }

  private func isSet(_ shape: FieldShape) -> String {
    if shape.field.isRepeated { return "!\(shape.name).isEmpty" }
    return switch shape.field.kind {
    case .string, .bytes: "!\(shape.name).isEmpty"
    case .bool: shape.name
    case .message: "\(shape.name) != nil"
    case .enumeration: "\(shape.name).rawValue != 0"
    default: "\(shape.name) != 0"
    }
  }
}
