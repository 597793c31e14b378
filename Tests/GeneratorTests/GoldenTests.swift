import Foundation
import Testing

@testable import protoc_gen_cupo

/// What one small proto file becomes, letter by letter.
///
/// CUPO_REWRITE_GOLDEN=1 writes the present output into Golden/. That the output compiles and works
/// is shown by CupoSchema, which is made of it.
@Suite(.enabled(if: Protoc.isAvailable, "needs protoc")) struct GoldenTests {
  private static let folder = Protoc.root.appending(path: "Tests/GeneratorTests/Golden")
  private static let rewrites =
    ProcessInfo.processInfo.environment["CUPO_REWRITE_GOLDEN"] == "1"

  private func descriptors() throws -> [UInt8] {
    let text = try String(
      contentsOf: Self.folder.appending(path: "golden.proto"), encoding: .utf8)
    return try Protoc.descriptors(text: text)
  }

  private func compare(_ files: [(name: String, text: String)], suffix: String) throws {
    for file in files {
      let url = Self.folder.appending(path: "\(file.name).\(suffix)")
      if Self.rewrites { try file.text.write(to: url, atomically: false, encoding: .utf8) }
      let golden = try String(contentsOf: url, encoding: .utf8)
      #expect(file.text == golden, "\(file.name): set CUPO_REWRITE_GOLDEN=1 if this is meant")
    }
  }

  @Test func swift() throws {
    let files = try Generator.swiftFiles(descriptors(), module: "CupoSchema")
      .filter { $0.text.contains("from cupo/capacity/v1/golden.proto") || $0.name.contains("+All") }
    #expect(files.count == 8)
    try compare(files, suffix: "swift.txt")
  }

  @Test func reference() throws {
    let schema = Schema(files: try DescriptorReader.files(in: descriptors()))
    try compare(ReferencePages.pages(schema).filter { $0.name == "GoldenService" }, suffix: "md")
  }

  @Test func outputIsTheSameEachTime() throws {
    let once = try Generator.swiftFiles(descriptors(), module: "CupoSchema")
    let again = try Generator.swiftFiles(descriptors(), module: "CupoSchema")
    #expect(once.map(\.text) == again.map(\.text))
  }
}
