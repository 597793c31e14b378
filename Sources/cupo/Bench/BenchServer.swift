internal import CupoClient
internal import Foundation
internal import Synchronization

/// A server of the generator's own: the same executable in a folder of its own, with a port that was free, on SQLite with every
/// commit synced.
final class BenchServer: Sendable {
  let endpoint: Endpoint
  /// Its data folder, which has its signing key.
  let data: String
  private let process: Process
  private let isStopped = Mutex(false)

  private init(endpoint: Endpoint, data: String, process: Process) {
    self.endpoint = endpoint
    self.data = data
    self.process = process
  }

  /// Starts a server and waits until it answers.
  static func launch() throws -> BenchServer {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cupo-bench-\(UInt64.random(in: 0...UInt64.max))")
    let process = Process()
    process.executableURL = URL(filePath: executablePath)
    process.arguments = [
      "serve", "--listen", "127.0.0.1:0", "--data", folder.path, "--log-level", "error",
      "--grace", "1s",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw Failure(.unavailable, "cannot start a server: \(error.localizedDescription)")
    }
    guard let address = address(in: output), let endpoint = Endpoint(address) else {
      process.terminate()
      process.waitUntilExit()
      try? FileManager.default.removeItem(at: folder)  // As good as it gets.
      throw Failure(
        .unavailable, "the server did not start; see `cupo serve --data \(folder.path)`")
    }
    return BenchServer(endpoint: endpoint, data: folder.path, process: process)
  }

  private static var executablePath: String {
    // The name that the program was called by may say nothing about where it is.
    let link = "/proc/self/exe"
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    return own ?? CommandLine.arguments[0]
  }

  // The ready line; nil if the server ended before.
  private static func address(in output: Pipe) -> String? {
    var text = ""
    while !text.contains("\n") {
      let bytes = output.fileHandleForReading.availableData
      guard !bytes.isEmpty else { return nil }
      text += String(decoding: bytes, as: UTF8.self)
    }
    return text.split(separator: " ").first { $0.hasPrefix("address=") }
      .map { String($0.dropFirst("address=".count)) }
  }

  /// Processor time that the server has taken so far, in seconds; nil where the system does not tell.
  var seconds: Double? {
    let path = "/proc/\(process.processIdentifier)/stat"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let rest = text.split(separator: ")").last
    else { return nil }
    let fields = rest.split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return nil
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Stops the server and removes what it has written. Who comes second never comes back: the first ends the process, and what
  /// the second would say is that its server has gone.
  func stop() {
    guard
      isStopped.withLock({ isStopped in
        defer { isStopped = true }
        return !isStopped
      })
    else { while true { _ = pause() } }
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: data)  // It stays where temporary things are.
  }
}
