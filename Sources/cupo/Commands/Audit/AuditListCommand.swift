internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

struct AuditListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Who did what, and who was turned away.",
    discussion: """
      One line an entry, chain after chain and each in its order; with --json one object a line, with everything that it says.
      """)

  private static let pageSize = 500

  @OptionGroup var store: StoreOptions

  @Option(help: "Only of this chain, as in lane-0.")
  var chain: String?

  @Option(
    help: ArgumentHelp(
      "Only of this kind, as in denied; may come several times.", valueName: "kind"))
  var kind: [AuditKindArgument] = []

  @Option(help: "Only what this caller did.")
  var actor: String?

  @Option(help: "Only what was done to the reservation, resource or product with this id.")
  var subject: String?

  @Option(help: "Only at this time or later, as in 2026-12-01T08:00:00Z.")
  var since: InstantArgument?

  @Option(help: "Only before this time.")
  var until: InstantArgument?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      try store.read { (log) throws(StorageError) in
        for chain in try log.auditHeads().keys.sorted() where self.chain ?? chain.name == chain.name
        {
          guard try show(chain, of: log) else { return }
        }
      }
    }
  }

  // Answers whether somebody still looks.
  private func show(
    _ chain: AuditChain, of log: any AuditLog
  ) throws(StorageError) -> Bool {
    var last: UInt64? = 0
    while let sequence = last {
      let page = try log.auditEntries(of: chain, after: sequence, limit: Self.pageSize)
      for entry in page {
        guard let record = try? AuditSeal.record(of: entry) else {
          // `cupo audit verify` says what is wrong with it.
          guard Terminal.write(json ? AuditText.unreadableJSON(entry) : AuditText.unreadable(entry))
          else { return false }
          continue
        }
        guard isWanted(record) else { continue }
        let line = json ? AuditText.json(entry, record).line : AuditText.line(entry, record)
        guard Terminal.write(line) else { return false }
      }
      last = page.last?.sequence
    }
    return true
  }

  func isWanted(_ record: AuditRecord) -> Bool {
    (kind.isEmpty || kind.contains { $0.kind == record.kind })
      && actor ?? record.source.actor == record.source.actor
      && subject ?? record.subject == record.subject
      && (since.map { record.at >= $0.instant } ?? true)
      && (until.map { record.at < $0.instant } ?? true)
  }
}
