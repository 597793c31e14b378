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

  @OptionGroup var target: NewFileOptions

  func run() async throws {
    try await Reporting.run(json: target.json) {
      let path = try target.store.path()
      let audit = try target.run(on: path) { (observer) throws(StorageError) in
        try SQLiteBackup.write(
          path, to: target.file, isReplacing: target.overwrite, observer: observer)
      }
      let report = JSONValue.object([
        .init("file", .string(target.file)), .init("audit", VerifyReport.json(audit)),
      ])
      Terminal.write(
        target.json
          ? report.pretty
          : "\(target.file) is a backup of \(path)\n\(VerifyReport.text(audit))")
    }
  }
}
