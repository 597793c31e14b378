import Foundation
import Testing

@testable import protoc_gen_cupo

/// What is committed is what proto/ says. The C of protoc-c is compared by `scripts/generate.sh
/// --check`.
@Suite(.enabled(if: Protoc.isAvailable, "needs protoc")) struct FreshTests {
  private func files(in folder: URL) -> [String] {
    let all =
      FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return all.filter { $0.hasSuffix(".proto") }.sorted()
  }

  private func descriptors() throws -> [UInt8] {
    let folder = Protoc.root.appending(path: "proto")
    let known = ["any", "descriptor", "duration", "timestamp"].map { "google/protobuf/\($0).proto" }
    return try Protoc.descriptors(folder, files(in: folder) + known)
  }

  @Test(arguments: ["Protobuf", "RPCSchema", "CupoSchema"])
  func swift(module: String) throws {
    try check(module, at: "Sources/\(module)", descriptors())
  }

  /// gRPC's test service is a fixture, with a descriptor set of its own.
  @Test func interop() throws {
    let folder = Protoc.root.appending(path: "Tests/Interop/proto")
    try check(
      "InteropSchema", at: "Tests/Interop/InteropSchema",
      Protoc.descriptors(folder, files(in: folder)))
  }

  private func check(_ module: String, at path: String, _ descriptors: [UInt8]) throws {
    let folder = Protoc.root.appending(path: "\(path)/Generated")
    let files = try Generator.swiftFiles(descriptors, module: module)
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
