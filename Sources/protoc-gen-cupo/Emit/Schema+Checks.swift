extension Schema {
  /// Refuses what the generated code or protobuf-c cannot do.
  func check(_ module: Module) throws(GeneratorError) {
    for message in files.filter(module.owns).flatMap(\.messages).flatMap(\.withNested) {
      try checkNotRecursive(message)
      try checkRules(message)
      for oneof in message.oneofs where oneof.name.hasPrefix("_") {
        throw GeneratorError(
          "\(message.fullName): protobuf-c has no `optional`; use a message or a oneof")
      }
    }
  }

  private func checkRules(_ message: ProtoMessage) throws(GeneratorError) {
    for field in message.fields {
      let place = "\(message.fullName).\(field.name)"
      let other = field.rule.requiredWith
      if !other.isEmpty, !message.fields.contains(where: { $0.name == other && $0.oneof == nil }) {
        throw GeneratorError("\(place): required_with names \(other), which is no field beside it")
      }
      let isMessage = if case .message = field.kind { true } else { false }
      if field.rule.itemsApart, !field.isRepeated || !isMessage {
        throw GeneratorError("\(place): only repeated messages have items that stand apart")
      }
      if field.rule.format != .none, field.kind != .string {
        throw GeneratorError("\(place): only strings have a format")
      }
    }
  }

  /// protobuf-c decodes by recursion without a limit, so the schema itself has to be finite.
  private func checkNotRecursive(_ root: ProtoMessage) throws(GeneratorError) {
    var seen: Set<String> = []
    var waiting = [root]
    while let message = waiting.popLast() {
      for case .message(let name) in message.fields.map(\.kind) {
        if name == root.fullName {
          throw GeneratorError("\(name) contains itself, by way of \(message.fullName)")
        }
        if seen.insert(name).inserted, let next = self.message(name) { waiting.append(next) }
      }
    }
  }
}
