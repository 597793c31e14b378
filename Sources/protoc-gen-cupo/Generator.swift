/// What the command line asks for.
enum Generator {
  static let usage = """
    usage: protoc-gen-cupo strings DESCRIPTORS OUTPUT       marks every string as bytes
           protoc-gen-cupo swift DESCRIPTORS MODULE FOLDER  the Swift files of a module
           protoc-gen-cupo reference DESCRIPTORS FOLDER     the pages of docs/reference
    """

  static func run(_ arguments: [String]) throws(GeneratorError) {
    switch (arguments.first, arguments.count) {
    case ("strings", 3):
      try Files.write(StringMarker.mark(Files.read(arguments[1])), to: arguments[2])
    case ("swift", 4):
      let files = try swiftFiles(Files.read(arguments[1]), module: arguments[2])
      for file in files {
        try Files.write([UInt8](file.text.utf8), to: "\(arguments[3])/\(file.name).swift")
      }
    case ("reference", 3):
      let schema = Schema(files: try DescriptorReader.files(in: Files.read(arguments[1])))
      for page in ReferencePages.pages(schema) {
        try Files.write([UInt8](page.text.utf8), to: "\(arguments[2])/\(page.name).md")
      }
    default: throw GeneratorError(usage)
    }
  }

  /// The Swift files of one module.
  static func swiftFiles(
    _ descriptors: [UInt8], module name: String
  ) throws(GeneratorError) -> [(name: String, text: String)] {
    guard let module = Module.all[name] else { throw GeneratorError("no module \(name)") }
    let schema = Schema(files: try DescriptorReader.files(in: descriptors))
    try schema.check(module)
    return ModuleEmitter(schema: schema, module: module).files()
  }
}
