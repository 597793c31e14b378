/// Writes the descriptors that server reflection answers with.
enum DescriptorEmitter {
  private static let bytesPerLine = 45

  static func emit(_ files: [ProtoFile], _ module: Module, into text: inout SourceText) {
    text.doc("The proto files of this module, for server reflection.")
    text.block("package enum \(module.name)Files {") { text in
      text.doc("Every file, in the order of its imports.")
      text.block("package static let all: [FileDescriptor] = [", closing: "]") { text in
        for file in files { emit(file, into: &text) }
      }
    }
  }

  private static func emit(_ file: ProtoFile, into text: inout SourceText) {
    text.block("FileDescriptor(", closing: nil) { text in
      text.line("name: \(Names.literal(file.path)),")
      text.line("dependencies: [\(file.dependencies.map(Names.literal).joined(separator: ", "))],")
      text.block("symbols: [", closing: "],") { text in
        for symbol in file.symbols { text.line("\(Names.literal(symbol)),") }
      }
      text.block("hex: \"\"\"", closing: "  \"\"\"),") { text in
        for start in stride(from: 0, to: file.serialized.count, by: bytesPerLine) {
          let end = min(start + bytesPerLine, file.serialized.count)
          text.line(file.serialized[start..<end].map(hex).joined())
        }
      }
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

extension ProtoFile {
  /// The full names of all that the file declares.
  fileprivate var symbols: [String] {
    messages.flatMap(\.withNested).map(\.fullName) + enumNames
      + services.flatMap { service in
        [service.fullName] + service.methods.map { "\(service.fullName).\($0.name)" }
      }
  }
}
