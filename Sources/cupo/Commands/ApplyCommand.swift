internal import ArgumentParser

struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Create or replace the resources and products of a catalogue.",
    discussion: """
      The catalogue is checked as a whole before anything is sent; then its entries are put one by one, resources first,
      and each is reported. examples/ has four sellers, docs/cli.md the spelling.
      """)

  @Option(name: .shortAndLong, help: "A YAML file, a folder of them, or - for standard input.")
  var file: String

  @Flag(help: "Change nothing; show what would become of what is reserved.")
  var validateOnly = false

  @Flag(help: "Change nothing; show every value that would be different, and what would become.")
  var dryRun = false

  @OptionGroup var options: ClientOptions

  func run() async throws {
    // A wrong catalogue needs no server to be told so.
    var catalogue: CatalogueFile?
    try await Reporting.run(json: options.json) {
      catalogue = try CatalogueSource.read(file)
    }
    guard let catalogue else { return }
    try await options.session { client in
      let applier = CatalogueApplier(
        client: client, validateOnly: validateOnly || dryRun, language: options.lang)
      var changes: [CatalogueChange] = []
      try await applier.apply(catalogue) { change in
        changes.append(change)
        if !options.json { show(change) }
      }
      Terminal.write(options.json ? json(changes) : summary(changes))
    }
  }

  private func show(_ change: CatalogueChange) {
    for line in dryRun ? change.lines(on: .standard) : [change.line] { Terminal.write(line) }
  }

  private func summary(_ changes: [CatalogueChange]) -> String {
    let counts = CatalogueChange.Kind.allCases.map { kind in
      "\(changes.count { $0.kind == kind }) \(kind)"
    }
    let text = counts.joined(separator: ", ")
    return validateOnly || dryRun ? "nothing was changed; it would be: \(text)" : text
  }

  private func json(_ changes: [CatalogueChange]) -> String {
    JSONValue.object([
      .init("validate_only", .bool(validateOnly || dryRun)),
      .init("applied", .array(changes.map { $0.json(withDifferences: dryRun) })),
    ]).pretty
  }
}
