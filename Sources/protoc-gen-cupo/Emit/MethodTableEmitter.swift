/// Writes the list of all methods of a module.
enum MethodTableEmitter {
  static func emit(_ services: [ProtoService], into text: inout SourceText) {
    text.block("extension MethodEntry {") { text in
      text.doc("Every method of every service: the access table.")
      text.line("package static let all: [MethodEntry] =")
      text.line("  " + services.map { "\($0.name).methods" }.joined(separator: " + "))
    }
  }
}
