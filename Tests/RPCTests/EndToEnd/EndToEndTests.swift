import Protobuf
import RPC
import Testing

@Suite("Calls over loopback", .timeLimit(.minutes(5)))
struct EndToEndTests {
  @Test func unaryCallsAnswer() async throws {
    try await withNotes { (notes, client) async throws in
      #expect(try await client.unary(Notes.echo, Note("hello")) == Note("hello"))
      let long = Note(String(repeating: "long", count: 300_000))
      #expect(try await client.unary(Notes.echo, long) == long)
      #expect(try await client.unary(Notes.echo, Note()) == Note())
    }
  }

  @Test func streamsArriveInOrder() async throws {
    try await withNotes { (notes, client) async throws in
      var received = 0
      for try await note in try await client.serverStreaming(Notes.count, Note("2000")) {
        #expect(note.text.hasPrefix("\(received) "))
        received += 1
      }
      #expect(received == 2_000)
      for try await _ in try await client.serverStreaming(Notes.count, Note("0")) {
        Issue.record("an empty stream has no element")
      }
    }
  }

  @Test func errorsCarryTheirDetails() async throws {
    try await withNotes { (notes, client) async throws in
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.fail, Note("ñandú 100 %"))
      }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message == "no: ñandú 100 %")
      #expect(error?.details == [0, 1, 0xff])
      #expect(error?.metadata["x-hint"] == "later")
    }
  }

  @Test func metadataReachTheHandler() async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("X-Tag", "one")
      metadata.append("x-tag", "two")
      metadata.append(binary: "x-raw-bin", [0, 200, 255])
      let answer = try await client.unary(Notes.describe, Note(), metadata: metadata)
      #expect(answer.text == "/test.Notes/Describe one,two [0, 200, 255] no deadline")
      let timed = try await client.unary(Notes.describe, Note(), timeout: .seconds(60))
      #expect(timed.text == "/test.Notes/Describe  [] deadline")
    }
  }

  @Test func unknownMethodsAreUnimplemented() async throws {
    try await withNotes { (notes, client) async throws in
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.unknown, Note())
      }
      #expect(error?.code == .unimplemented)
    }
  }

  @Test func messagesAboveTheLimitAreRefused() async throws {
    var configuration = ServerConfiguration()
    configuration.maxMessageBytes = 10_000
    try await withNotes(configuration) { (notes, client) async throws in
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.echo, Note(String(repeating: "x", count: 10_000)))
      }
      #expect(error?.code == .resourceExhausted)
      let fitting = Note(String(repeating: "x", count: 9_990))
      #expect(try await client.unary(Notes.echo, fitting) == fitting)
    }
  }

  /// The prefix alone condemns the message: of its 4 GiB nothing has come.
  @Test func messagesAreRefusedBeforeTheyCome() async throws {
    try await withNotes { (notes, client) async throws in
      let answer = try await client.raw(
        path: Notes.echo.path, body: [0, 0xff, 0xff, 0xff, 0xff])
      #expect(answer.error?.code == .resourceExhausted)
    }
  }

  @Test(arguments: [
    ([], StatusCode.internal), ([0, 0, 0], .internal), ([0, 0, 0, 0, 9, 1], .internal),
    ([2, 0, 0, 0, 0], .internal), ([1, 0, 0, 0, 0], .internal),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .internal), ([0, 0, 0, 0, 1, 0xff], .invalidArgument),
  ])
  func brokenBodiesAreNamed(body: [UInt8], code: StatusCode) async throws {
    try await withNotes { (notes, client) async throws in
      let answer = try await client.raw(path: Notes.echo.path, body: body)
      #expect(answer.httpStatus == 200)
      #expect(answer.error?.code == code)
    }
  }

  @Test(arguments: [
    ("application/grpc", 200), ("application/grpc+proto", 200),
    ("application/grpc;charset=utf-8", 200), ("application/grpc+json", 415),
    ("application/json", 415), ("application/grpcx", 415),
  ])
  func onlyGRPCIsServed(contentType: String, status: Int) async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("content-type", contentType)
      let answer = try await client.raw(
        path: Notes.echo.path, body: [0, 0, 0, 0, 0], metadata: metadata)
      #expect(answer.httpStatus == status)
    }
  }

  @Test func malformedTimeoutsAreNamed() async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("grpc-timeout", "12")
      let answer = try await client.raw(
        path: Notes.echo.path, body: [0, 0, 0, 0, 0], metadata: metadata)
      #expect(answer.error?.code == .internal)
    }
  }

  @Test func metadataAboveTheLimitAreRefused() async throws {
    var configuration = ServerConfiguration()
    configuration.maxHeaderListBytes = 4_096
    try await withNotes(configuration) { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("x-long", String(repeating: "x", count: 4_096))
      let answer = try await client.raw(
        path: Notes.echo.path, body: [0, 0, 0, 0, 0], metadata: metadata)
      #expect(answer.error?.code == .resourceExhausted)
      #expect(try await client.unary(Notes.echo, Note("still")) == Note("still"))
    }
  }
}
