import CupoSchema
import Foundation
import Protobuf
import SeededRandom
import TemporaryFolders
import Testing

/// Messages go to Python's protobuf and back: an implementation that nobody here wrote judges ours.
@Suite struct ForeignTests {
  private static let isAvailable =
    (try? run("python3", ["-c", "import google.protobuf"])) != nil
    && (try? run("protoc", ["--version"])) != nil

  @Test(.enabled(if: isAvailable, "needs protoc and python3 with protobuf"))
  func messagesMeanTheSameToPython() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let descriptors = folder.path(of: "descriptors.pb")
    let proto = Self.root.appending(path: "proto").path
    let files = ["availability", "event", "inventory", "reservation"]
    try Self.run(
      "protoc",
      ["-I", proto, "--include_imports", "--descriptor_set_out", descriptors]
        + files.map { "cupo/capacity/v1/\($0).proto" })

    let seed = Seed.value % 1_000_000
    let script = Self.root.appending(path: "Tests/CupoSchemaTests/Foreign/roundtrip.py").path
    let theirs = try Self.run("python3", [script, "make", descriptors, "\(seed)", "20"])
    let lines = theirs.split(separator: "\n")
    #expect(lines.count == MessageTypes.all.count * 20)
    let ours = try lines.map { try again(String($0)) + "\n" }.joined()
    try folder.write(theirs, to: "theirs")
    try folder.write(ours, to: "ours")
    let judged = try Self.run(
      "python3",
      [script, "compare", descriptors, folder.path(of: "theirs"), folder.path(of: "ours")])
    #expect(judged == "\(lines.count)\n", "CUPO_SEED=\(seed)")
  }

  private func again(_ line: String) throws -> String {
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    let type = try #require(MessageTypes.all.first { $0.fullName == parts[0] })
    let digits = Array(parts[1].utf8)
    let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
      try #require(UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16))
    }
    let decoded = try type.init(decoding: bytes.span)
    let hex = decoded.encoded().map {
      $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16)
    }
    return "\(parts[0]) \(hex.joined())"
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private struct Failed: Error { let output: String }

  @discardableResult
  private static func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(output: text) }
    return text
  }
}
