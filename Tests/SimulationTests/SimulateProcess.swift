import Foundation

/// The executable, in a process of its own: Swift hashes differently in each.
enum SimulateProcess {
  /// What it prints of each seed.
  static func lines(_ arguments: [String]) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appending(path: "simulate")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("seed ") }
  }
}
