internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

struct AuditExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the audit log into a file, one JSON object a line.",
    discussion: """
      `body` is the text that was hashed, byte for byte: the hash of a line is SHA-256 over the 32 bytes of the hash of the line \
      before it in the same chain (zeros before the first) and the UTF-8 of `body`.
      """)

  private static let pageSize = 500

  @Argument(help: "Where it goes.")
  var file: String

  @Flag(help: "Replace the file if it is there.")
  var overwrite = false

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await Reporting.run(json: json) {
      let count = try StoreWork.run(on: file, advice: [.conflict: "; --overwrite replaces it"]) {
        (_) throws(StorageError) in
        let target = try FileWriter(path: file, isReplacing: overwrite)
        let count = try store.readContents { (contents, _) throws(StorageError) in
          try write(contents, to: target)
        }
        try target.finish()
        return count
      }
      let report = JSONValue.object([
        .init("file", .string(file)), .init("entries", .number("\(count)")),
      ])
      Terminal.write(json ? report.pretty : "\(count) entries are in \(file)")
    }
  }

  private func write(_ log: any AuditLog, to target: FileWriter) throws(StorageError) -> Int {
    var count = 0
    for chain in try log.auditHeads().keys.sorted() {
      var last: UInt64? = 0
      while let sequence = last {
        let page = try log.auditEntries(of: chain, after: sequence, limit: Self.pageSize)
        for entry in page {
          try target.write(Array((AuditText.sealed(entry).line + "\n").utf8))
        }
        count += page.count
        last = page.last?.sequence
      }
    }
    return count
  }
}
