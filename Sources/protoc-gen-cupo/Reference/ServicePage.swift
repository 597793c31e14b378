/// Writes the reference page of one service.
struct ServicePage {
  let schema: Schema
  let service: ProtoService

  func emit() -> String {
    var page = Markdown()
    page.heading(1, service.name)
    page.text("`\(service.fullName)`")
    page.text(service.comment)
    page.text("Errors are explained in [errors.md](errors.md).")
    page.table(
      ["RPC", "What it does"],
      service.methods.map { ["[\($0.name)](#\($0.name.lowercased()))", firstSentence($0.comment)] })
    for method in service.methods { emit(method, into: &page) }
    let parts = partNames()
    if !parts.isEmpty {
      page.heading(2, "Messages")
      for name in parts { emitPart(name, into: &page) }
    }
    return page.output
  }

  private func emit(_ method: ProtoMethod, into page: inout Markdown) {
    let contract = method.contract
    page.heading(2, method.name)
    page.text(method.comment)
    page.text(
      "`/\(service.fullName)/\(method.name)`"
        + (method.serverStreaming ? ", a stream of answers" : ""))
    page.table(
      ["Promise", ""],
      [
        ["Roles", names(contract.roles, "Role")],
        ["Ownership", name(contract.ownership, "Ownership", ifUnspecified: "none")],
        ["Idempotency", name(contract.idempotency, "Idempotency", ifUnspecified: "not stated")],
        ["Default deadline", deadline(contract.deadlineMilliseconds)],
        ["Errors", errors(contract.errors)],
      ])
    emitFields("Request", method.input, into: &page)
    emitFields("Response", method.output, into: &page)
  }

  private func emitFields(_ title: String, _ fullName: String, into page: inout Markdown) {
    guard let message = schema.message(fullName) else { return }
    page.text("**\(title)** `\(message.name)`")
    if message.fields.isEmpty {
      page.text("No fields.")
    } else {
      FieldTable(schema: schema).emit(message, into: &page)
    }
  }

  private func emitPart(_ name: String, into page: inout Markdown) {
    if let message = schema.message(name) {
      page.heading(3, schema.swiftName(name))
      page.text(message.comment)
      FieldTable(schema: schema).emit(message, into: &page)
    } else if let enumeration = schema.enumeration(name) {
      page.heading(3, schema.swiftName(name))
      page.text(enumeration.comment)
      page.table(
        ["Value", "Number", "Meaning"],
        enumeration.values.map { ["`\($0.name)`", "\($0.number)", $0.comment] })
    }
  }

  /// The messages and enums that the methods' messages are made of, in the order of first use.
  private func partNames() -> [String] {
    var waiting = service.methods.flatMap { [$0.input, $0.output] }
    let whole = Set(waiting)
    var seen: [String] = []
    while !waiting.isEmpty {
      guard let message = schema.message(waiting.removeFirst()) else { continue }
      for field in message.fields {
        guard let name = field.kind.typeName, !seen.contains(name), !whole.contains(name),
          !name.hasPrefix("google."), !name.hasSuffix(".ErrorReason")
        else { continue }
        seen.append(name)
        waiting.append(name)
      }
    }
    return seen
  }

  private func firstSentence(_ comment: String) -> String {
    let line = comment.split(separator: "\n").joined(separator: " ")
    guard let end = line.firstRange(of: ". ") else { return line }
    return String(line[..<end.lowerBound]) + "."
  }

  private func names(_ numbers: [Int32], _ enumeration: String) -> String {
    numbers.isEmpty
      ? "nobody" : numbers.map { name($0, enumeration, ifUnspecified: "") }.joined(separator: ", ")
  }

  private func name(_ number: Int32, _ type: String, ifUnspecified: String) -> String {
    guard let enumeration = schema.enumeration("\(Module.contractPackage).\(type)"), number != 0,
      let value = enumeration.values.first(where: { $0.number == number })
    else { return ifUnspecified }
    return Names.valueName(value, of: enumeration)
  }

  private func errors(_ numbers: [Int32]) -> String {
    let reasons = numbers.map { name($0, "ErrorReason", ifUnspecified: "") }
    let links = reasons.map { "[\($0)](errors.md#\($0.lowercased()))" }
    return links.isEmpty ? "those that every RPC shares" : links.joined(separator: ", ")
  }

  private func deadline(_ milliseconds: Int64) -> String {
    if milliseconds == 0 { return "none" }
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }
}
