internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import SQLiteStorage

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Fill a new store with what `cupo export` wrote.",
    discussion: """
      The store must be new: there may be no file, or in a database no schema cupo. It is read back and compared with the \
      export, and every counter is recomputed. An import that fails leaves no store.
      """)

  @Argument(help: "What `cupo export` wrote.")
  var file: String

  @OptionGroup var store: StoreOptions

  @Flag(
    help: ArgumentHelp(
      "The store went on after the export: number on far behind what it may have given out.",
      discussion:
        "As `cupo restore` does; needed for an export that was taken from a running server."))
  var putBack = false

  @Option(help: "Who imports, for the log.")
  var actor = "operator"

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let choice = store.choice
      try store.makeFolder()
      let advice: [StorageError.Kind: String] = [.inUse: "; stop the server first"]
      let done = try StoreWork.run(on: file, advice: advice) { (observer) throws(StorageError) in
        try fill(choice, observer)
      }
      let name = "\(choice)"
      guard !json else {
        _ = Terminal.write(TransferReport.json(done.tally, name).pretty)
        return
      }
      Terminal.write(TransferReport.imported(done.tally, name))
      Terminal.write(VerifyReport.text(done.audit))
    }
  }

  private typealias Done = (tally: TransferTally, audit: LedgerAudit)

  private func fill(
    _ choice: StorageChoice, _ observer: @escaping ProgressObserver
  ) throws(StorageError) -> Done {
    let source = try FileReader(path: file)
    let transfer = try StoreImport { (count) throws(StorageError) in try source.read(count) }
    guard putBack || !transfer.head.wasServed else {
      throw StorageError(
        .conflict,
        "\(file) was written while a server had the store, which may have gone on since: "
          + "stop it and export again, or say --put-back")
    }
    return try choice.fillNew(transfer.head.identity) { (storage) throws(StorageError) in
      try fill(storage, transfer, source.bytesCount, observer)
    }
  }

  private func fill(
    _ storage: any Storage, _ transfer: StoreImport, _ bytesTotal: Int,
    _ observer: @escaping ProgressObserver
  ) throws(StorageError) -> Done {
    var transfer = transfer
    let tally = try transfer.run(into: storage, bytesTotal: bytesTotal, observer: observer)
    try storage.begin(reading: RecordNames()).commit(try ending(try storage.counters()))
    let audit = try StoreAudit.run(storage, observer: observer)
    guard audit.findingsCount == 0 else {
      throw StorageError(
        .corrupt,
        "the export has \(audit.findingsCount) differences that its store had: repair that first")
    }
    return (tally, audit)
  }

  private func ending(_ counters: StoreCounters) throws(StorageError) -> ChangeSet {
    let now = SystemClock.now()
    guard !putBack else {
      return try PutBackStore.changes(
        from: counters, replacing: nil, at: now, actor: actor,
        reason: "imported from an export: what came behind it is undone", command: "cupo import")
    }
    var changes = ChangeSet(counters: counters)
    try changes.seal(
      AuditRecord(
        .repaired, at: now, AuditRecord.Source(actor: actor, method: "cupo import"),
        reason: "imported from an export"))
    return changes
  }
}
