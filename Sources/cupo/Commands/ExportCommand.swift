internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import SQLiteStorage

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write everything that the store holds into a file that any storage can import.",
    discussion: """
      Moves a store from one kind of storage to another; see docs/export-format.md. It reads one state, also while a server \
      writes: to move a store stop the server first, or what is sold meanwhile is not in the file.
      """)

  @OptionGroup var target: NewFileOptions

  func run() async throws {
    try await Reporting.run(json: target.json) {
      let tally = try target.write { (contents, isServed, file, observer) throws(StorageError) in
        try StoreExport.run(
          contents, at: SystemClock.now(), program: Version.text, wasServed: isServed,
          observer: observer
        ) { (bytes) throws(StorageError) in try file.write(bytes) }
      }
      Terminal.write(
        target.json
          ? TransferReport.json(tally, target.file).pretty
          : TransferReport.exported(tally, target.file))
    }
  }
}
