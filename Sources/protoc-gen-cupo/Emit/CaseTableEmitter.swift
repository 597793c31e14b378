/// Writes the list of all contract cases.
enum CaseTableEmitter {
  static func emit(_ services: [ProtoService], _ schema: Schema, into text: inout SourceText) {
    text.block("extension ContractCase {") { text in
      text.doc("A case for every rule of every field of every method.")
      text.block("package static func all() -> [ContractCase] {") { text in
        text.line("var all: [ContractCase] = []")
        for service in services {
          for method in service.methods {
            let name = "\(service.name).\(ServiceEmitter.memberName(method))"
            let request = schema.swiftName(method.input)
            text.line("all += cases(\(name), \(request).violating(.example()))")
          }
        }
        text.line("return all")
      }
    }
  }
}
