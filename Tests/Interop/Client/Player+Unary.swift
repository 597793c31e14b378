import InteropSchema
import RPC

extension Player {
  func emptyUnary() async throws {
    let response = try await client.unary(
      TestService.emptyCall, Empty(), timeout: Self.timeout)
    try expect(response == Empty(), "the answer is not empty")
  }

  func cacheableUnary() async throws {
    var request = SimpleRequest()
    request.responseSize = 5
    let response = try await client.unary(
      TestService.cacheableUnaryCall, request, timeout: Self.timeout)
    try Self.check(response, bytes: 5)
  }

  func largeUnary() async throws {
    let response = try await client.unary(
      TestService.unaryCall, Self.largeRequest, timeout: Self.timeout)
    try Self.check(response)
  }

  func clientCompressedUnary() async throws {
    try await expectFailure(.invalidArgument) { () async throws(RPCError) in
      try await unary(expectCompressed: true, compresses: false)
    }
    try Self.check(try await unary(expectCompressed: true, compresses: true))
    try Self.check(try await unary(expectCompressed: false, compresses: false))
  }

  private func unary(
    expectCompressed: Bool, compresses: Bool
  ) async throws(RPCError) -> SimpleResponse {
    var request = Self.largeRequest
    request.expectCompressed = Self.flag(expectCompressed)
    return try await client.unary(
      TestService.unaryCall, request, timeout: Self.timeout, compresses: compresses)
  }

  func serverCompressedUnary() async throws {
    for wanted in [true, false] {
      var request = Self.largeRequest
      request.responseCompressed = Self.flag(wanted)
      // On the wire a unary call is one with a stream of one answer, and a stream tells whether it was compressed.
      let responses = try await client.serverStreaming(
        TestService.unaryCall, request, timeout: Self.timeout)
      var all = responses.makeAsyncIterator()
      guard let response = try await all.next() else { throw CaseFailure("there is no answer") }
      try expect(all.wasCompressed, is: wanted, "whether the answer is compressed")
      try Self.check(response)
      try expect(try await all.next() == nil, "there is a second answer")
    }
  }

  func unimplemented(method: Bool) async throws {
    let unknown = method ? TestService.unimplementedCall : UnimplementedService.unimplementedCall
    try await expectFailure(.unimplemented) { () async throws(RPCError) in
      try await client.unary(unknown, Empty(), timeout: Self.timeout)
    }
  }

  static func channelSoak(_ host: String, _ port: Int) async throws {
    for _ in 0..<20 {
      let client = try await Client.connect(host: host, port: port)
      try await Player(client: client).largeUnary()
      await client.close()
    }
  }
}
