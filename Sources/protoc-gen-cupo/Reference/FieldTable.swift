/// Writes the fields of a message as a table.
struct FieldTable {
  let schema: Schema

  func emit(_ message: ProtoMessage, into page: inout Markdown) {
    page.table(
      ["Field", "Type", "Rules", "Meaning"],
      message.fields.map { field in
        ["`\(field.name)`", type(field), rules(field, message), field.comment]
      })
  }

  private func type(_ field: ProtoField) -> String {
    let name: String
    switch field.kind {
    case .message("google.protobuf.Timestamp"): name = "Timestamp"
    case .message("google.protobuf.Duration"): name = "Duration"
    case .enumeration("\(Module.contractPackage).ErrorReason"): name = "[ErrorReason](errors.md)"
    case .message(let full), .enumeration(let full):
      let own = schema.swiftName(full)
      name = "[\(own)](#\(own.lowercased().filter { $0 != "." }))"
    case .int32: name = "int32"
    default: name = "\(field.kind)"
    }
    return field.isRepeated ? "repeated \(name)" : name
  }

  private func rules(_ field: ProtoField, _ message: ProtoMessage) -> String {
    let rule = field.rule
    var rules: [String] = []
    if let index = field.oneof {
      let oneof = message.oneofs[index]
      rules.append("one of `\(oneof.name)`" + (oneof.isRequired ? ", one is required" : ""))
    }
    if rule.required { rules.append("required") }
    if !rule.requiredWith.isEmpty { rules.append("required with `\(rule.requiredWith)`") }
    if let items = bounds(rule.minItems, rule.maxItems) { rules.append("\(items) items") }
    if rule.itemsApart { rules.append("each judged by itself") }
    if rule.maxLength > 0 { rules.append("at most \(rule.maxLength) bytes") }
    if let format = format(rule.format) { rules.append(format) }
    if let low = rule.atLeast, let high = rule.atMost { rules.append("\(low) to \(high)") }
    if let low = rule.atLeast, rule.atMost == nil { rules.append("at least \(low)") }
    if rule.notNegative { rules.append("not negative") }
    if let bound = rule.moreThan { rules.append("more than \(RuleSentence.seconds(bound))") }
    if let bound = rule.atMostDuration { rules.append("at most \(RuleSentence.seconds(bound))") }
    if rule.knownValue { rules.append("a known value") }
    return rules.joined(separator: "; ")
  }

  private func bounds(_ low: Int, _ high: Int) -> String? {
    switch (low, high) {
    case (0, 0): nil
    case (0, _): "at most \(high)"
    case (_, 0): "at least \(low)"
    default: "\(low) to \(high)"
    }
  }

  private func format(_ format: FieldRule.Format) -> String? {
    switch format {
    case .none: nil
    case .id: "printable ASCII without spaces"
    case .date: "date, `YYYY-MM-DD`"
    case .clockTime: "time of day, `HH:MM`"
    case .timeZone: "IANA time zone"
    case .slot: "canonical slot id"
    }
  }
}

extension ProtoField.Kind {
  /// The full name of a message or enum.
  var typeName: String? {
    switch self {
    case .message(let name), .enumeration(let name): name
    default: nil
    }
  }
}
