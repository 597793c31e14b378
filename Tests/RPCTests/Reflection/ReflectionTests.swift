import Protobuf
import RPCSchema
import Testing

@testable import RPC

@Suite("Reflection")
struct ReflectionTests {
  typealias Question = ServerReflectionRequest.MessageRequest
  typealias Answer = ServerReflectionResponse.MessageResponse

  private let reflection = Reflection(
    services: ["z.Z", Health.name, "a.A"],
    files: ProtobufFiles.all + RPCSchemaFiles.all + [Self.extending])

  /// `package x; import "google/protobuf/descriptor.proto"; message M { extend google.protobuf.FieldOptions { bool b = 50001; } }
  /// extend google.protobuf.FieldOptions { bool a = 50000; }`, written by hand.
  private static let extending = FileDescriptor(
    name: "x.proto", dependencies: ["google/protobuf/descriptor.proto"], symbols: ["x.M"],
    bytes: field(1, "x.proto") + field(2, "x")
      + field(4, field(1, "M") + field(6, extensionField("b", 50_001)))
      + field(7, extensionField("a", 50_000)))

  private static func extensionField(_ name: String, _ number: Int) -> [UInt8] {
    // The number is a varint of three bytes.
    let varint = [
      UInt8(number & 0x7f) | 0x80, UInt8(number >> 7 & 0x7f) | 0x80, UInt8(number >> 14),
    ]
    return field(1, name) + field(2, ".google.protobuf.FieldOptions") + [3 << 3] + varint
  }

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  private static func field(_ number: UInt8, _ text: String) -> [UInt8] {
    field(number, Array(text.utf8))
  }

  private func ask(_ question: Question?) -> Answer? {
    var request = ServerReflectionRequest()
    request.host = "here"
    request.messageRequest = question
    let response = reflection.answer(request)
    #expect(response.validHost == "here")
    #expect(response.originalRequest == request)
    return response.messageResponse
  }

  private func files(_ question: Question) -> [String] {
    guard case .fileDescriptorResponse(let response)? = ask(question) else { return [] }
    return response.fileDescriptorProto.map { bytes in
      DescriptorFields(bytes[...]).first { $0.number == 1 }?.text ?? ""
    }
  }

  private func errorCode(_ question: Question?) -> Int32? {
    guard case .errorResponse(let error)? = ask(question) else { return nil }
    #expect(!error.errorMessage.isEmpty)
    return error.errorCode
  }

  @Test func servicesAreListedInOrder() {
    guard case .listServicesResponse(let list)? = ask(.listServices("")) else {
      Issue.record("no list")
      return
    }
    #expect(list.service.map(\.name) == ["a.A", Health.name, "z.Z"])
  }

  @Test func filesComeWithAllThatTheyImport() {
    #expect(
      files(.fileByFilename("google/rpc/error_details.proto")) == [
        "google/rpc/error_details.proto", "google/protobuf/duration.proto",
      ])
    #expect(files(.fileContainingSymbol("x.M")) == ["x.proto", "google/protobuf/descriptor.proto"])
  }

  @Test(arguments: [
    "grpc.health.v1.Health", "grpc.health.v1.Health.Watch", "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckResponse.ServingStatus",
  ])
  func symbolsOfEveryKindAreFound(symbol: String) {
    #expect(files(.fileContainingSymbol(symbol)) == ["grpc/health/v1/health.proto"])
  }

  @Test func extensionsAreFound() {
    for (number, name) in [(Int32(50_000), "x.a"), (50_001, "x.M.b")] {
      var question = ExtensionRequest()
      question.containingType = "google.protobuf.FieldOptions"
      question.extensionNumber = number
      #expect(files(.fileContainingExtension(question)).first == "x.proto")
      #expect(files(.fileContainingSymbol(name)).first == "x.proto")
    }
    guard
      case .allExtensionNumbersResponse(let all)? = ask(
        .allExtensionNumbersOfType("google.protobuf.FieldOptions"))
    else {
      Issue.record("no numbers")
      return
    }
    #expect(all.baseTypeName == "google.protobuf.FieldOptions")
    #expect(all.extensionNumber == [50_000, 50_001])
  }

  @Test func whatIsNotThereIsNotFound() {
    var question = ExtensionRequest()
    (question.containingType, question.extensionNumber) = ("google.protobuf.FieldOptions", 1)
    for question in [
      Question.fileByFilename("nothing.proto"), .fileContainingSymbol("no.Symbol"),
      .fileContainingExtension(question), .allExtensionNumbersOfType("no.Type"),
    ] {
      #expect(errorCode(question) == 5)
    }
    #expect(errorCode(nil) == 3)
  }

  @Test func theOldVersionHasAFileOfItsOwn() throws {
    let name = "grpc/reflection/v1alpha/reflection.proto"
    for symbol in [ServerReflectionV1Alpha.name, "grpc.reflection.v1alpha.ErrorResponse"] {
      #expect(files(.fileContainingSymbol(symbol)) == [name])
    }
    #expect(
      files(.fileContainingSymbol(ServerReflection.name)) == [
        "grpc/reflection/v1/reflection.proto"
      ])
    guard case .fileDescriptorResponse(let response)? = ask(.fileByFilename(name)) else {
      Issue.record("no file")
      return
    }
    let text = String(decoding: response.fileDescriptorProto[0], as: UTF8.self)
    #expect(!text.contains("grpc.reflection.v1."))
    #expect(text.contains(".grpc.reflection.v1alpha.ServerReflectionRequest"))
  }

  @Test func everyNameInAFileCanBeAskedFor() {
    for file in RPCSchemaFiles.all {
      #expect(files(.fileByFilename(file.name)).first == file.name)
      for symbol in file.symbols {
        #expect(files(.fileContainingSymbol(symbol)).first == file.name)
      }
    }
  }

  @Test(arguments: [true, false])
  func aTableIsAskedOverTheWire(isOld: Bool) async throws {
    var table = ServiceTable()
    HealthService(services: []).register(in: &table)
    Reflection.register(in: &table, files: ProtobufFiles.all + RPCSchemaFiles.all)
    let server = try await Server.start(ServerConfiguration(), table)
    let client = try await Client.connect(host: "127.0.0.1", port: server.address.port)
    var request = ServerReflectionRequest()
    request.messageRequest = .listServices("")
    let name = isOld ? ServerReflectionV1Alpha.name : ServerReflection.name
    // One question, and then the end of the stream, is what this client can ask.
    let answers = try await client.serverStreaming(
      Method<ServerReflectionRequest, ServerReflectionResponse>(
        service: name, name: "ServerReflectionInfo"), request)
    var names: [String] = []
    for try await answer in answers {
      guard case .listServicesResponse(let list)? = answer.messageResponse else { continue }
      names += list.service.map(\.name)
    }
    #expect(names == [Health.name, ServerReflection.name, ServerReflectionV1Alpha.name])
    await client.close()
    await server.drain(within: .seconds(1))
  }

  @Test func brokenBytesEndTheReading() {
    #expect(Array(DescriptorFields([0x0a, 0x05, 1])).isEmpty)
    #expect(Array(DescriptorFields([0xff, 0xff])).isEmpty)
    #expect(DescriptorFields([0x08, 0x01, 0x0b]).map(\.number) == [1])
    #expect(Array(DescriptorFields(ArraySlice(repeating: 0xff, count: 32))).isEmpty)
  }
}
