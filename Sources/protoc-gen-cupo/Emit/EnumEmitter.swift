/// Writes the Swift struct of an enum.
struct EnumEmitter {
  let schema: Schema

  func emit(_ enumeration: ProtoEnum, into text: inout SourceText) {
    text.doc(enumeration.comment.isEmpty ? "`\(enumeration.fullName)`." : enumeration.comment)
    text.block("package struct \(enumeration.name): ProtobufEnum {") { text in
      text.line("package let rawValue: Int32")
      text.line()
      text.block("package init(rawValue: Int32) {") { $0.line("self.rawValue = rawValue") }
      text.line()
      for value in enumeration.values {
        text.doc(value.comment.isEmpty ? value.error?.cause ?? "" : value.comment)
        let name = Names.member(Names.valueName(value, of: enumeration))
        text.line("package static let \(name) = Self(rawValue: \(value.number))")
      }
      text.line()
      text.block("package static let allCases: [Self] = [", closing: "]") { text in
        for value in enumeration.values {
          text.line(".\(Names.member(Names.valueName(value, of: enumeration))),")
        }
      }
      text.line()
      emitName(of: enumeration, into: &text)
    }
  }

  private func emitName(of enumeration: ProtoEnum, into text: inout SourceText) {
    text.block("package var name: String? {") { text in
      text.line("switch rawValue {")
      for value in enumeration.values {
        text.line("case \(value.number): \"\(Names.valueName(value, of: enumeration))\"")
      }
      text.line("default: nil")
      text.line("}")
    }
  }
}
