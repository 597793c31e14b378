/// Writes the table of a service's methods.
struct ServiceEmitter {
  let schema: Schema
  /// Whether methods carry a contract (Cupo's own do, those of gRPC do not).
  let withContracts: Bool

  func emit(_ service: ProtoService, into text: inout SourceText) {
    text.doc(service.comment)
    text.block("package enum \(service.name) {") { text in
      text.doc("The full name, the first part of every method's path.")
      text.line("package static let name = \"\(service.fullName)\"")
      for method in service.methods {
        text.line()
        emit(method, into: &text)
      }
      guard withContracts else { return }
      text.line()
      text.doc("All methods, with what they promise.")
      text.block("package static let methods: [MethodEntry] = [", closing: "]") { text in
        for method in service.methods { emitEntry(method, into: &text) }
      }
    }
  }

  private func emit(_ method: ProtoMethod, into text: inout SourceText) {
    text.doc(method.comment)
    let types = "\(schema.swiftName(method.input)), \(schema.swiftName(method.output))"
    let head = "package static let \(Self.memberName(method)) = Method<\(types)>("
    text.line(head)
    var arguments = "service: name, name: \"\(method.name)\""
    if method.clientStreaming { arguments += ", clientStreaming: true" }
    if method.serverStreaming { arguments += ", serverStreaming: true" }
    text.line("  \(arguments))")
  }

  private func emitEntry(_ method: ProtoMethod, into text: inout SourceText) {
    let name = Self.memberName(method)
    let contract = method.contract
    text.line("MethodEntry(")
    text.line("  \(name),")
    text.line("  MethodContract(")
    text.line("    roles: [\(list(contract.roles, "Role"))],")
    text.line("    ownership: \(value(contract.ownership, "Ownership")),")
    text.line("    idempotency: \(value(contract.idempotency, "Idempotency")),")
    if contract.errors.isEmpty {
      text.line("    errors: [],")
    } else {
      text.line("    errors: [")
      for error in contract.errors { text.line("      \(value(error, "ErrorReason")),") }
      text.line("    ],")
    }
    text.line("    defaultDeadlineMilliseconds: \(contract.deadlineMilliseconds))),")
  }

  private func list(_ numbers: [Int32], _ enumeration: String) -> String {
    numbers.map { value($0, enumeration) }.joined(separator: ", ")
  }

  private func value(_ number: Int32, _ name: String) -> String {
    guard let enumeration = schema.enumeration("\(Module.contractPackage).\(name)"),
      let value = enumeration.values.first(where: { $0.number == number })
    else { return "\(name)(rawValue: \(number))" }
    return ".\(Names.member(Names.valueName(value, of: enumeration)))"
  }

  /// The name of the constant that describes a method.
  static func memberName(_ method: ProtoMethod) -> String {
    Names.member(snake(method.name))
  }

  private static func snake(_ name: String) -> String {
    name.reduce(into: "") { result, character in
      if character.isUppercase, !result.isEmpty { result += "_" }
      result += character.lowercased()
    }
  }
}
