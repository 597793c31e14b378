internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute every counter from the log and compare.",
    discussion: """
      The log is the ledger: adding up what its events moved, from its checkpoint on, must give every stored counter, and \
      every reservation must be as its last event left it, and listed as holding units where it does. Reads one state of the store, also while a server writes to it, \
      and changes nothing. Exits with 1 if anything differs; see `cupo help repair` then.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let display = ProgressDisplay.standard()
      defer { display.finish() }
      let audit = try store.read { (reader) throws(StorageError) in
        try StoreAudit.run(reader) { display.show($0) }
      }
      display.finish()
      Terminal.write(json ? VerifyReport.json(audit).pretty : VerifyReport.text(audit))
      if audit.findingsCount > 0 { throw ExitCode(ExitStatus.unexpected.rawValue) }
    }
  }
}
