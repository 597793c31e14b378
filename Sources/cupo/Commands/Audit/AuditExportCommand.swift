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

  @OptionGroup var target: NewFileOptions

  func run() async throws {
    try await Reporting.run(json: target.json) {
      let count = try target.write { (contents, _, file, _) throws(StorageError) in
        try write(contents, to: file)
      }
      let report = JSONValue.object([
        .init("file", .string(target.file)), .init("entries", .number("\(count)")),
      ])
      Terminal.write(target.json ? report.pretty : "\(count) entries are in \(target.file)")
    }
  }

  private func write(_ log: any AuditLog, to file: FileWriter) throws(StorageError) -> Int {
    var count = 0
    for chain in try log.auditHeads().keys.sorted() {
      var last: UInt64? = 0
      while let sequence = last {
        let page = try log.auditEntries(of: chain, after: sequence, limit: Self.pageSize)
        for entry in page {
          try file.write(Array((AuditText.sealed(entry).line + "\n").utf8))
        }
        count += page.count
        last = page.last?.sequence
      }
    }
    return count
  }
}
