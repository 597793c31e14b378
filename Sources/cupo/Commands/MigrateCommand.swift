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
      open the store afterwards. On PostgreSQL servers of the version before may go on meanwhile.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Say what would be done, and do nothing.")
  var dryRun = false

  func run() async throws {
    try await Reporting.run {
      let choice = store.choice
      let advice: [StorageError.Kind: String] = [.inUse: "; stop the server first"]
      let line = try StoreWork.run(on: choice.place, advice: advice) {
        (_) throws(StorageError) -> String in
        let found = try versions(of: choice)
        guard found.stored != found.newest else {
          return "\(choice.place) has version \(found.stored), the newest"
        }
        guard !dryRun else {
          return
            "\(choice.place) has version \(found.stored) and would get version \(found.newest)"
        }
        let done = try migrate(choice)
        return "\(choice.place) had version \(done.from) and has version \(done.to)"
      }
      Terminal.write(line)
    }
  }

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
