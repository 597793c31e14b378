internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import SQLiteStorage

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the place of the store; the server must be stopped.",
    discussion: """
      What came after the backup is undone, and the log says so. Ids, codes, event numbers and resume tokens that were given \
      out meanwhile never come to mean anything else: numbering goes on far behind them. Read docs/runbooks/backfill.md before: \
      what was sold since is not in the store. The old store is kept beside the new one.
      """)

  @Argument(help: "What `cupo backup` wrote.")
  var file: String

  @Flag(help: "Replace the store if there is one; it is kept aside.")
  var replace = false

  @OptionGroup var store: StoreOptions

  @Option(help: "Who restores, for the log.")
  var actor = "operator"

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let path = try store.path()
      try store.makeFolder()
      let advice: [StorageError.Kind: String] = [
        .conflict: "; --replace puts the backup in its place and keeps it aside",
        .inUse: "; stop the server first",
        .corrupt: "; nothing was changed",
      ]
      let summary = try StoreWork.run(on: path, advice: advice) { (observer) throws(StorageError) in
        try SQLiteRestore(
          file: file, path: path, isReplacing: replace, at: SystemClock.now(), actor: actor,
          observer: observer
        ).run()
      }
      Terminal.write(json ? Self.json(summary, path).pretty : Self.text(summary, path))
    }
  }

  static func text(_ summary: SQLiteRestore.Summary, _ path: String) -> String {
    var lines = [
      "\(path) is as it was at event \(summary.lastEvent); what came behind it is undone"
    ]
    if let kept = summary.keptAside { lines.append("the store that was there is \(kept)") }
    lines.append("the next reservation is number \(summary.nextReservation)")
    lines.append(VerifyReport.text(summary.audit))
    return lines.joined(separator: "\n")
  }

  private static func json(_ summary: SQLiteRestore.Summary, _ path: String) -> JSONValue {
    .object([
      .init("store", .string(path)),
      .init("last_event", .number("\(summary.lastEvent)")),
      .init("next_reservation", .number("\(summary.nextReservation)")),
      .init("kept_aside", .string(summary.keptAside ?? "")),
      .init("audit", VerifyReport.json(summary.audit)),
    ])
  }
}
