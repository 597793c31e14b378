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

  @Argument(help: "Where the export goes.")
  var file: String

  @Flag(help: "Replace the file if it is there.")
  var overwrite = false

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let tally = try StoreWork.run(on: file, advice: [.conflict: "; --overwrite replaces it"]) {
        (observer) throws(StorageError) in
        let target = try FileWriter(path: file, isReplacing: overwrite)
        let tally = try store.readContents { (contents, isServed) throws(StorageError) in
          try StoreExport.run(
            contents, at: SystemClock.now(), program: Version.text, wasServed: isServed,
            observer: observer
          ) { (bytes) throws(StorageError) in try target.write(bytes) }
        }
        try target.finish()
        return tally
      }
      Terminal.write(
        json ? TransferReport.json(tally, file).pretty : TransferReport.exported(tally, file))
    }
  }
}
