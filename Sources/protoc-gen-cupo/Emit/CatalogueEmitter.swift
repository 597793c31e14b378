/// Writes the entries of the error catalogue.
struct CatalogueEmitter {
  func emit(_ enumeration: ProtoEnum, into text: inout SourceText) {
    text.block("extension \(enumeration.name) {") { text in
      text.doc("What the catalogue says about this reason; that of INTERNAL for an unknown one.")
      text.block("package var entry: ErrorEntry {") { text in
        text.line("switch rawValue {")
        for value in enumeration.values {
          guard let error = value.error else { continue }
          text.line("case \(value.number):")
          emit(error, into: &text)
        }
        text.line("default: ErrorEntry.unknown")
        text.line("}")
      }
    }
  }

  private func emit(_ entry: ErrorEntry, into text: inout SourceText) {
    text.line("  ErrorEntry(")
    text.line("    code: \(entry.code),")
    text.line("    cause: \(Names.literal(entry.cause)),")
    text.line("    mitigation: \(Names.literal(entry.mitigation)),")
    text.line("    owner: \(Names.literal(entry.owner)),")
    text.line("    retryable: \(entry.retryable),")
    text.line("    textEnglish: \(Names.literal(entry.textEnglish)),")
    text.line("    textSpanish: \(Names.literal(entry.textSpanish)))")
  }
}
