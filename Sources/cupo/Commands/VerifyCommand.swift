internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import CupoClient
internal import SQLiteStorage

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Recompute every counter from the log and compare.",
    discussion: """
      The log is the ledger: adding up what its events moved must give every stored counter, and every reservation must \
      be as its last event left it. Reads one state of the file, also while a server writes to it, and changes nothing. \
      Exits with 1 if anything differs.
      """)

  @Option(help: "sqlite:PATH. Absent: cupo.db in the data folder.")
  var storage: StorageChoice?

  @Option(help: "The data folder of the server.")
  var data = "./cupo-data"

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let audit = try audited()
      Terminal.write(json ? VerifyReport.json(audit).pretty : VerifyReport.text(audit))
      if audit.findingsCount > 0 { throw ExitCode(ExitStatus.unexpected.rawValue) }
    }
  }

  private func audited() throws(Failure) -> LedgerAudit {
    let listen = Endpoint(host: "127.0.0.1", port: 0)
    let choice = ServeSettings(listen: listen, storage: storage, data: data).storage
    guard case .sqlite(let path) = choice else {
      throw Failure(.usage, "only a store in a file can be verified")
    }
    do throws(StorageError) {
      let reader = try SQLiteReader.open(path: path)
      return try reader.snapshot { () throws(StorageError) in try StoreAudit.run(reader) }
    } catch {
      throw Failure(.unavailable, "cannot read \(path): \(error.detail)")
    }
  }
}

/// Shows a whole store to an audit, page by page.
private enum StoreAudit {
  private static let pageSize = 1000

  static func run(_ reader: SQLiteReader) throws(StorageError) -> LedgerAudit {
    var audit = LedgerAudit()
    var sequence: UInt64 = 0
    while let last = try page(
      { () throws(StorageError) in
        try reader.events(after: sequence, limit: pageSize)
      }, { audit.add($0) })
    {
      sequence = last.sequence
    }
    var number: UInt64 = 0
    while let last = try page(
      { () throws(StorageError) in
        try reader.reservations(after: number, limit: pageSize, holdingOnly: false)
      }, { audit.check($0) })
    {
      number = last.number
    }
    var key: PoolKey?
    while let last = try page(
      { () throws(StorageError) in
        try reader.pools(after: key, limit: pageSize)
      }, { audit.check($0.pool, for: $0.key) })
    {
      key = last.key
    }
    audit.finish(try reader.lane())
    return audit
  }

  // Visits one page; the last of a full page leads to the next, nil ends it.
  private static func page<Entry>(
    _ read: () throws(StorageError) -> [Entry], _ visit: (Entry) -> Void
  ) throws(StorageError) -> Entry? {
    let entries = try read()
    entries.forEach(visit)
    return entries.count == pageSize ? entries.last : nil
  }
}
