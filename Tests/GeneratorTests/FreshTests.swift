import Foundation
import Testing

@testable import protoc_gen_cupo

/// What is committed is what proto/ says. The C of protoc-c is compared by `scripts/generate.sh
/// --check`.
@Suite(.enabled(if: Protoc.isAvailable, "needs protoc")) struct FreshTests {
  private func descriptors() throws -> [UInt8] {
    let folder = Protoc.root.appending(path: "proto")
    let all =
      FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    let files = all.filter { $0.hasSuffix(".proto") }.sorted()
    let known = ["any", "descriptor", "duration", "timestamp"].map { "google/protobuf/\($0).proto" }
    return try Protoc.descriptors(folder, files + known)
  }

  @Test(arguments: ["Protobuf", "RPCSchema", "CupoSchema"])
  func swift(module: String) throws {
    let folder = Protoc.root.appending(path: "Sources/\(module)/Generated")
    let files = try Generator.swiftFiles(descriptors(), module: module)
    for file in files {
      let url = folder.appending(path: "\(file.name).swift")
      #expect(try String(contentsOf: url, encoding: .utf8) == file.text, "\(file.name): make proto")
    }
    let present = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(present) == Set(files.map { "\($0.name).swift" }))
  }

  @Test func reference() throws {
    let folder = Protoc.root.appending(path: "docs/reference")
    let schema = Schema(files: try DescriptorReader.files(in: descriptors()))
    for page in ReferencePages.pages(schema) {
      let url = folder.appending(path: "\(page.name).md")
      #expect(try String(contentsOf: url, encoding: .utf8) == page.text, "\(page.name): make proto")
    }
  }
}
