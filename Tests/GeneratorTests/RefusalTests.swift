import Testing

@testable import protoc_gen_cupo

/// What the generator cannot do, it says.
@Suite(.enabled(if: Protoc.isAvailable, "needs protoc")) struct RefusalTests {
  private func generate(_ body: String) throws {
    let descriptors = try Protoc.descriptors(
      text: "syntax = \"proto3\"; package cupo.capacity.v1; \(body)")
    _ = try Generator.swiftFiles(descriptors, module: "CupoSchema")
  }

  @Test func messagesThatContainThemselves() {
    #expect(
      throws: GeneratorError(
        "cupo.capacity.v1.A contains itself, by way of cupo.capacity.v1.B")
    ) { try generate("message A { B b = 1; } message B { repeated A a = 1; }") }
    #expect(
      throws: GeneratorError(
        "cupo.capacity.v1.A contains itself, by way of cupo.capacity.v1.A")
    ) { try generate("message A { A a = 1; }") }
  }

  @Test func rulesThatCannotBe() {
    let rule = "import \"cupo/contract/v1/contract.proto\"; message A { "
    #expect(
      throws: GeneratorError(
        "cupo.capacity.v1.A.a: required_with names b, which is no field beside it")
    ) {
      try generate(
        rule + "string a = 1 [(cupo.contract.v1.field) = {required_with: \"b\"}]; }")
    }
    for field in ["repeated string a", "B a"] {
      #expect(
        throws: GeneratorError(
          "cupo.capacity.v1.A.a: only repeated messages have items that stand apart")
      ) {
        try generate(
          rule + "\(field) = 1 [(cupo.contract.v1.field) = {items_apart: true}]; } message B {}")
      }
    }
    #expect(throws: GeneratorError("cupo.capacity.v1.A.a: only strings have a format")) {
      try generate(rule + "int32 a = 1 [(cupo.contract.v1.field) = {format: FORMAT_ID}]; }")
    }
  }

  @Test func optionalScalars() {
    #expect(
      throws: GeneratorError(
        "cupo.capacity.v1.A: protobuf-c has no `optional`; use a message or a oneof")
    ) { try generate("message A { optional int32 a = 1; }") }
  }

  @Test func whatIsNoDescriptorSet() {
    #expect(throws: GeneratorError("the input is no descriptor set")) {
      try Generator.swiftFiles([1, 2, 3], module: "CupoSchema")
    }
    #expect(throws: GeneratorError("no module Nothing")) {
      try Generator.swiftFiles([], module: "Nothing")
    }
  }
}
