import Foundation
import TemporaryFolders

/// protoc, as the tests call it.
enum Protoc {
  static let isAvailable = (try? run(["--version"])) != nil

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct Failed: Error { let output: String }

  /// The descriptor set of files below `folder`, with all that they import and all comments.
  static func descriptors(_ folder: URL, _ files: [String]) throws -> [UInt8] {
    let made = try TemporaryFolder()
    defer { made.remove() }
    let output = made.path(of: "descriptors")
    let proto = root.appending(path: "proto").path
    try run(
      ["-I", folder.path, "-I", proto, "--include_imports", "--include_source_info"]
        + ["--descriptor_set_out", output] + files)
    return [UInt8](try Data(contentsOf: URL(filePath: output)))
  }

  /// The descriptor set of one proto file's text.
  static func descriptors(text: String, name: String = "cupo/capacity/v1/golden.proto") throws
    -> [UInt8]
  {
    let folder = try TemporaryFolder([name: text])
    defer { folder.remove() }
    return try descriptors(URL(filePath: folder.path), [name])
  }

  private static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["protoc"] + arguments
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(output: text) }
  }
}
