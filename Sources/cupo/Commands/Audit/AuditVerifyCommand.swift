internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Recompute every hash of the audit log, and name the first entry that is not as it was written.",
    discussion: """
      Finds entries that were edited, removed, swapped, added or cut off at the end. Who can write to the whole store can also \
      make the whole log anew: what is printed here, kept where that person cannot write and given back by --expect, finds that \
      too. Exits with 1 if anything is wrong.
      """)

  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp(
      "What an earlier run has printed: the log must still have it. May come several times.",
      valueName: "chain:sequence:hash"))
  var expect: [AuditAnchorArgument] = []

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let verification = try store.read { (log) throws(StorageError) in
        try AuditVerification.run(log, kept: expect.map(\.anchor))
      }
      Terminal.write(
        json ? AuditText.json(verification).pretty : AuditText.report(verification))
      if !verification.findings.isEmpty { throw ExitCode(ExitStatus.unexpected.rawValue) }
    }
  }
}
