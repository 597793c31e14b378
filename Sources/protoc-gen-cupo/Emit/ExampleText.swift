/// Expressions for values that break no rule.
struct ExampleText {
  let schema: Schema

  /// `property = value` for every field that may not stay at its default.
  func assignments(of message: ProtoMessage) -> [String] {
    var lines = message.fields.filter { $0.oneof == nil }.compactMap { field -> String? in
      let shape = FieldShape(field, in: schema)
      if field.isRepeated {
        guard field.rule.minItems > 0 else { return nil }
        let value = value(shape)
        return "\(shape.name) = Array(repeating: \(value), count: \(field.rule.minItems))"
      }
      return isNeeded(shape) ? "\(shape.name) = \(value(shape))" : nil
    }
    for (index, oneof) in message.oneofs.enumerated() where oneof.isRequired {
      guard let first = message.fields.first(where: { $0.oneof == index }) else { continue }
      let shape = FieldShape(first, in: schema)
      lines.append("\(Names.member(oneof.name)) = .\(shape.name)(\(value(shape)))")
    }
    return lines
  }

  /// A value of one field, or one element, that is set and breaks no rule.
  func value(_ shape: FieldShape) -> String {
    let rule = shape.field.rule
    switch shape.field.kind {
    case .string: return "\"\(string(rule.format))\""
    case .bytes: return "[1]"
    case .bool: return "true"
    case .float, .double: return "1"
    case .int32, .uint32, .int64, .uint64: return "\(max(1, rule.atLeast ?? 1))"
    case .enumeration(let name):
      return "\(shape.elementType)(rawValue: \(firstKnown(name)))"
    case .message("google.protobuf.Duration"):
      return "ProtobufDuration(seconds: \((rule.moreThan?.seconds ?? 0) + 1))"
    case .message("google.protobuf.Timestamp"): return "ProtobufTimestamp(seconds: 1)"
    case .message: return "\(shape.elementType).example()"
    }
  }

  private func isNeeded(_ shape: FieldShape) -> Bool {
    let rule = shape.field.rule
    return rule.required || rule.knownValue || (rule.atLeast ?? 0) > 0
  }

  private func firstKnown(_ name: String) -> Int32 {
    schema.enumeration(name)?.values.first { $0.number != 0 }?.number ?? 1
  }

  private func string(_ format: FieldRule.Format) -> String {
    switch format {
    case .none, .id: "a"
    case .date: "2030-01-15"
    case .clockTime: "10:00"
    case .timeZone: "UTC"
    case .slot: "2030-01-15"
    }
  }
}
