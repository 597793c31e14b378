import Foundation
import Testing

@testable import protoc_gen_cupo

/// The generator reads Cupo's options by number; these are the numbers that the proto files give
/// them.
@Suite(.enabled(if: Protoc.isAvailable, "needs protoc")) struct OptionTests {
  private static let expected: [String: [Int: String]] = [
    "FieldRule": [
      1: "required", 2: "max_length", 3: "format", 4: "range", 5: "duration", 6: "min_items",
      7: "max_items", 8: "known_value", 9: "required_with", 10: "items_apart",
    ],
    "MethodContract": [
      1: "roles", 2: "ownership", 3: "idempotency", 4: "errors", 5: "default_deadline",
    ],
    "ErrorEntry": [
      1: "code", 2: "cause", 3: "mitigation", 4: "owner", 5: "retryable", 6: "text_en",
      7: "text_es",
    ],
    "IntegerRange": [1: "at_least", 2: "at_most"],
    "DurationRange": [1: "more_than", 2: "at_most"],
  ]

  @Test func numbersAreThoseOfTheContract() throws {
    let descriptors = try Protoc.descriptors(
      Protoc.root.appending(path: "proto"), ["cupo/contract/v1/contract.proto"])
    let schema = Schema(files: try DescriptorReader.files(in: descriptors))
    for (name, fields) in Self.expected {
      let message = try #require(schema.message("cupo.contract.v1.\(name)"))
      let present = Dictionary(uniqueKeysWithValues: message.fields.map { ($0.number, $0.name) })
      #expect(present == fields)
    }
    let formats = try #require(schema.enumeration("cupo.contract.v1.Format"))
    #expect(formats.values.map(\.number) == Array(0...5))
  }

  @Test func stringsAreMarked() throws {
    let set = try Protoc.descriptors(
      text: "syntax = \"proto3\"; message A { string a = 1; bytes b = 2; }")
    let marked = try StringMarker.mark(set)
    #expect(marked.count == set.count + 7)
    #expect(try DescriptorReader.files(in: marked).count == 1)
  }
}
