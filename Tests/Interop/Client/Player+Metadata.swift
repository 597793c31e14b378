import InteropSchema
import Protobuf
import RPC

extension Player {
  private static let initialName = "x-grpc-test-echo-initial"
  private static let trailingName = "x-grpc-test-echo-trailing-bin"

  func customMetadata() async throws {
    var metadata = Metadata()
    metadata.append(Self.initialName, "test_initial_metadata_value")
    metadata.append(binary: Self.trailingName, [0xab, 0xab, 0xab])
    // On the wire a unary call is one with a stream of one answer, and a stream tells its metadata.
    let unary = try await client.serverStreaming(
      TestService.unaryCall, Self.largeRequest, metadata: metadata, timeout: Self.timeout)
    try await checkMetadata(of: unary)
    let (requests, duplex) = try await client.bidirectional(
      TestService.fullDuplexCall, metadata: metadata, timeout: Self.timeout)
    try await requests.send(Self.output([314_159], payloadBytes: 271_828))
    requests.finish()
    try await checkMetadata(of: duplex)
  }

  private func checkMetadata<R: Message>(of responses: ResponseStream<R>) async throws {
    var count = 0
    for try await _ in responses { count += 1 }
    try expect(count, is: 1, "the number of answers")
    try expect(
      await responses.initialMetadata[Self.initialName], is: "test_initial_metadata_value",
      "the initial metadata")
    try expect(
      await responses.trailingMetadata[binary: Self.trailingName], is: [0xab, 0xab, 0xab],
      "the trailing metadata")
  }

  /// Both kinds of call end with the status that they ask for.
  func status(_ code: Int32, _ message: String) async throws {
    var status = EchoStatus()
    (status.code, status.message) = (code, message)
    var request = SimpleRequest()
    request.responseStatus = status
    let unary = try await expectFailure(.unknown) { () async throws(RPCError) in
      try await client.unary(TestService.unaryCall, request, timeout: Self.timeout)
    }
    try expect(unary.message, is: message, "the message")
    var output = StreamingOutputCallRequest()
    output.responseStatus = status
    let (requests, responses) = try await client.bidirectional(
      TestService.fullDuplexCall, timeout: Self.timeout)
    try await requests.send(output)
    let duplex = try await expectFailure(.unknown) { () async throws(RPCError) in
      try await Self.sizes(of: responses)
    }
    try expect(duplex.message, is: message, "the message")
  }
}
