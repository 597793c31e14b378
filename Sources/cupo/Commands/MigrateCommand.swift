internal import ArgumentParser
internal import CapacityEngine
internal import PostgresStorage
internal import SQLiteStorage

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the store to the form that this version works with, without serving it.",
    discussion: """
      `cupo serve` does the same when it starts. Migrations only go forward: take a backup before, an older version cannot \
      open the store afterwards. On PostgreSQL servers of the version before may go on meanwhile, where they can: it says so \
      where they must be stopped.

      With `--lanes` the store on PostgreSQL is given so many lanes as well: sellers are spread over them, and servers whose callers come for \
      different sellers write side by side. Servers may be at work; each reads the store anew then.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Say what would be done, and do nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("How many lanes a store on PostgreSQL is to have.", valueName: "1-64"))
  var lanes: Int?

  func validate() throws {
    guard let lanes, !(1...PostgresLanes.countMax).contains(lanes) else { return }
    throw ValidationError("A store has 1 to \(PostgresLanes.countMax) lanes.")
  }

  func run() async throws {
    try await Reporting.run {
      let choice = store.choice
      let advice: [StorageError.Kind: String] = [.inUse: "; stop the server first"]
      let line = try StoreWork.run(on: choice.place, advice: advice) {
        (_) throws(StorageError) -> String in
        let version = try migrateOrSay(choice)
        guard let lanes else { return version }
        return try "\(version)\n\(setOrSay(lanes, choice))"
      }
      Terminal.write(line)
    }
  }

  private func migrateOrSay(_ choice: StorageChoice) throws(StorageError) -> String {
    let found = try versions(of: choice)
    guard found.stored != found.newest else {
      return "\(choice.place) has version \(found.stored), the newest"
    }
    guard !dryRun else {
      return "\(choice.place) has version \(found.stored) and would get version \(found.newest)"
    }
    let done = try migrate(choice)
    return "\(choice.place) had version \(done.from) and has version \(done.to)"
  }

  private func setOrSay(_ lanes: Int, _ choice: StorageChoice) throws(StorageError) -> String {
    guard case .postgres(let address) = choice else {
      guard lanes == 1 else {
        throw StorageError(.conflict, "a store on a file has one lane: one server writes to it")
      }
      return "\(choice.place) has 1 lane"
    }
    let settings = ConnectionSettings(address)
    guard !dryRun else { return "\(choice.place) would get \(Self.counted(lanes))" }
    let before = try PostgresLanes.set(settings, count: lanes)
    return "\(choice.place) had \(Self.counted(before)) and has \(Self.counted(lanes))"
  }

  private static func counted(_ lanes: Int) -> String { lanes == 1 ? "1 lane" : "\(lanes) lanes" }

  private static let nowhere = StorageError(.conflict, "what is in memory has no version")

  private func versions(
    of choice: StorageChoice
  ) throws(StorageError) -> (stored: String, newest: String) {
    switch choice {
    case .sqlite(let path): return try SQLiteMigration.versions(path: path)
    case .postgres(let address):
      let found = try PostgresMigration.versions(ConnectionSettings(address))
      return ("\(found.stored)", "\(found.newest)")
    case .memory: throw Self.nowhere
    }
  }

  private func migrate(
    _ choice: StorageChoice
  ) throws(StorageError) -> (from: String, to: String) {
    switch choice {
    case .sqlite(let path): return try SQLiteMigration.run(path: path)
    case .postgres(let address):
      let done = try PostgresMigration.run(ConnectionSettings(address))
      return ("\(done.from)", "\(done.to)")
    case .memory: throw Self.nowhere
    }
  }
}
