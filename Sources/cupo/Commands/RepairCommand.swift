internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

struct RepairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Bring counters and log into agreement, where `cupo verify` finds differences.",
    discussion: """
      Appends entries of the type REPAIRED to the log and sets the counters that they name; what is in the log already stays \
      as it is. What a pool holds is then what its reservations hold. A server on a file must be stopped; those on \
      PostgreSQL wait while it runs. Keep a copy of the store, for it is the evidence of what went wrong.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Say what would be written, and write nothing.")
  var dryRun = false

  @Option(help: "Who repairs, for the log.")
  var actor = "operator"

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let display = ProgressDisplay.standard()
      defer { display.finish() }
      let entries = try entries { display.show($0) }
      display.finish()
      let report = RepairReport(entries: entries, isDryRun: dryRun)
      Terminal.write(json ? report.json.pretty : report.text)
      if dryRun, !entries.isEmpty { throw ExitCode(ExitStatus.unexpected.rawValue) }
    }
  }

  private typealias Plan = (entries: [LedgerRepair.Entry], changes: ChangeSet)

  private func entries(
    _ observer: @escaping ProgressObserver
  ) throws(Failure) -> [LedgerRepair.Entry] {
    guard !dryRun else {
      return try store.read { (reader) throws(StorageError) in
        try plan(reader, observer).entries
      }
    }
    return try store.own { (storage, unit) throws(StorageError) in
      try repair(storage, unit, observer)
    }
  }

  private func plan(
    _ ledger: any StoredLedger, _ observer: @escaping ProgressObserver
  ) throws(StorageError) -> Plan {
    let audit = try StoreAudit.run(ledger, observer: observer)
    guard audit.findingsCount > 0 else { return ([], ChangeSet(counters: try ledger.counters())) }
    return try StoreAudit.repair(ledger, audit, at: SystemClock.now(), actor: actor)
  }

  private func sealed(_ plan: Plan) throws(StorageError) -> ChangeSet {
    var changes = plan.changes
    try changes.seal(
      AuditRecord(
        .repaired, at: changes.counters.lastDecision,
        AuditRecord.Source(actor: actor, method: "cupo repair"),
        reason: "\(plan.entries.count) differences between counters and log were put right"))
    return changes
  }

  private func repair(
    _ storage: any Storage, _ unit: any UnitOfWork, _ observer: @escaping ProgressObserver
  ) throws(StorageError) -> [LedgerRepair.Entry] {
    let plan = try plan(storage, observer)
    guard !plan.entries.isEmpty else { return [] }
    try unit.commit(try sealed(plan))
    let after = try StoreAudit.run(storage, observer: observer)
    guard after.findingsCount == 0 else {
      throw StorageError(.corrupt, "\(after.findingsCount) differences are left after the repair")
    }
    return plan.entries
  }
}
