internal import ArgumentParser
internal import CapacityEngine
internal import SQLiteStorage

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the store to the form that this version works with, without serving it.",
    discussion: """
      `cupo serve` does the same when it starts. Migrations only go forward: take a backup before, an older version cannot \
      open the store afterwards.
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Say what would be done, and do nothing.")
  var dryRun = false

  func run() async throws {
    try await Reporting.run {
      let path = try store.path()
      let line = try StoreWork.run(on: path, advice: [.inUse: "; stop the server first"]) {
        (_) throws(StorageError) -> String in
        let found = try SQLiteMigration.versions(path: path)
        guard found.stored != found.newest else {
          return "\(path) has version \(found.stored), the newest"
        }
        guard !dryRun else {
          return "\(path) has version \(found.stored) and would get version \(found.newest)"
        }
        let done = try SQLiteMigration.run(path: path)
        return "\(path) had version \(done.from) and has version \(done.to)"
      }
      Terminal.write(line)
    }
  }
}
