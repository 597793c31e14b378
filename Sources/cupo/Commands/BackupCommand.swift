internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import SQLiteStorage

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write one state of the store into a file, also while it is served.",
    discussion: """
      The file is in its place only when it is whole, its counters have been recomputed, and it is on the disk. It is a \
      store: `cupo verify --storage sqlite:FILE` reads it, `cupo restore FILE` puts it back. A PostgreSQL store is backed up \
      by pg_dump or pg_basebackup.
      """)

  @Argument(help: "Where the backup goes.")
  var file: String

  @Flag(help: "Replace the file if it is there.")
  var overwrite = false

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let path = try store.path()
      let audit = try StoreWork.run(on: path, advice: [.conflict: "; --overwrite replaces it"]) {
        (observer) throws(StorageError) in
        try SQLiteBackup.write(path, to: file, isReplacing: overwrite, observer: observer)
      }
      Terminal.write(
        json
          ? JSONValue.object([
            .init("file", .string(file)), .init("audit", VerifyReport.json(audit)),
          ]).pretty
          : "\(file) is a backup of \(path)\n\(VerifyReport.text(audit))")
    }
  }
}
