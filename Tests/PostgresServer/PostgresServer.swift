internal import Foundation
package import PostgresStorage
internal import Synchronization

/// The PostgreSQL that tests run on: the one of CUPO_POSTGRES, or one that is started for this process and ends with it.
package enum PostgresServer {
  private static let shared = Result { try start() }
  private static let names = Atomic<Int>(0)
  // Ends the server when the process does, however that ends.
  nonisolated(unsafe) private static var leash: FileHandle?

  /// A place where no store is yet.
  package static func newPlace() throws -> ConnectionSettings {
    let number = names.add(1, ordering: .relaxed).newValue
    return ConnectionSettings(
      try address(), schema: "test_\(ProcessInfo.processInfo.processIdentifier)_\(number)")
  }

  package static func address() throws -> PostgresAddress {
    let text = try shared.get()
    guard let address = PostgresAddress(text) else { throw Failure(text: "no address: \(text)") }
    return address
  }

  private struct Failure: Error {
    let text: String
  }

  private static func start() throws -> String {
    if let given = ProcessInfo.processInfo.environment["CUPO_POSTGRES"] { return given }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/with-postgres.sh").standardized
    let process = Process()
    process.executableURL = script
    // The server goes when nobody holds the other end of its standard input any more.
    process.arguments = ["sh", "-c", "echo $CUPO_POSTGRES; cat"]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    unsafe leash = input.fileHandleForWriting
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) {
      guard !byte.isEmpty else { break }
      line += byte
    }
    guard !line.isEmpty else { throw Failure(text: "PostgreSQL does not start") }
    return String(decoding: line, as: UTF8.self)
  }
}
