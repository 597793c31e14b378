internal import ArgumentParser

struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Create or replace the resources and products of a catalogue file.",
    discussion: """
      The file is checked as a whole before anything is sent; then its entries are put one by one, resources first.
      examples/demo.yaml shows one product of each kind, docs/cli.md the spelling.
      """)

  @Option(name: .shortAndLong, help: "The YAML file; - for standard input.")
  var file: String

  @Flag(help: "Change nothing; show what would become of what is reserved.")
  var validateOnly = false

  @OptionGroup var options: ClientOptions

  func run() async throws {
    // A wrong file needs no server to be told so.
    var catalogue: CatalogueFile?
    try await Reporting.run(json: options.json) {
      catalogue = try CatalogueFile.read(
        CatalogueText.read(file), name: file == "-" ? "standard input" : file)
    }
    guard let catalogue else { return }
    try await options.session { client in
      let applier = CatalogueApplier(
        client: client, name: file, validateOnly: validateOnly, language: options.lang)
      var applied: [JSONValue] = []
      try await applier.apply(catalogue) { each in
        applied.append(each.json)
        if !options.json { Terminal.write(each.line) }
      }
      guard options.json else { return }
      let answer = JSONValue.object([
        .init("validate_only", .bool(validateOnly)), .init("applied", .array(applied)),
      ])
      Terminal.write(answer.pretty)
    }
  }
}
