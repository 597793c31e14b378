import InteropSchema
import RPC

/// Calls that this side ends.
extension Player {
  func cancelAfterBegin() async throws {
    let (_, responses) = try await client.bidirectional(
      TestService.streamingInputCall, timeout: Self.timeout)
    responses.cancel()
    try await expectFailure(.cancelled) { () async throws(RPCError) in
      var all = responses.makeAsyncIterator()
      return try await all.next()
    }
    try await emptyUnary()
  }

  func cancelAfterFirstResponse() async throws {
    let (requests, responses) = try await client.bidirectional(
      TestService.fullDuplexCall, timeout: Self.timeout)
    try await requests.send(Self.output([31_415], payloadBytes: 27_182))
    var all = responses.makeAsyncIterator()
    let response = try await all.next()
    try expect(response?.payload?.body.count, is: 31_415, "the size")
    responses.cancel()
    try await expectFailure(.cancelled) { () async throws(RPCError) in try await all.next() }
    try await emptyUnary()
  }

  func timeoutOnSleepingServer() async throws {
    try await expectFailure(.deadlineExceeded) { () async throws(RPCError) in
      let (requests, responses) = try await client.bidirectional(
        TestService.fullDuplexCall, timeout: .milliseconds(1))
      // The call may be over before this; then the responses say why.
      try? await requests.send(Self.output([], payloadBytes: 27_182))
      return try await Self.sizes(of: responses)
    }
    let start = ContinuousClock.now
    try await expectFailure(.deadlineExceeded) { () async throws(RPCError) in
      let responses = try await client.serverStreaming(
        TestService.streamingOutputCall, Self.output([1], intervalUs: 10_000_000),
        timeout: .milliseconds(300))
      return try await Self.sizes(of: responses)
    }
    try expect(.now - start < .seconds(5), "the deadline came late")
    try await emptyUnary()
  }
}
