import InteropSchema
import RPC

extension Player {
  func clientStreaming() async throws {
    let response = try await client.clientStreaming(
      TestService.streamingInputCall, timeout: Self.timeout
    ) { (requests) async throws(RPCError) in
      for size in Self.sizesIn {
        var request = StreamingInputCallRequest()
        request.payload = Self.payload(size)
        try await requests.send(request)
      }
    }
    try expect(response.aggregatedPayloadSize, is: 74_922, "the sum")
  }

  func clientCompressedStreaming() async throws {
    var probe = StreamingInputCallRequest()
    probe.payload = Self.payload(27_182)
    probe.expectCompressed = Self.flag(true)
    try await expectFailure(.invalidArgument) { () async throws(RPCError) in
      try await client.clientStreaming(TestService.streamingInputCall, timeout: Self.timeout) {
        (requests) async throws(RPCError) in
        try await requests.send(probe)
      }
    }
    var plain = StreamingInputCallRequest()
    plain.payload = Self.payload(45_904)
    plain.expectCompressed = Self.flag(false)
    let response = try await client.clientStreaming(
      TestService.streamingInputCall, timeout: Self.timeout, compresses: true
    ) { (requests) async throws(RPCError) in
      try await requests.send(probe, compressed: true)
      try await requests.send(plain, compressed: false)
    }
    try expect(response.aggregatedPayloadSize, is: 73_086, "the sum")
  }

  func serverStreaming() async throws {
    let responses = try await client.serverStreaming(
      TestService.streamingOutputCall, Self.output(Self.sizesOut), timeout: Self.timeout)
    try expect(try await Self.sizes(of: responses), is: Self.sizesOut, "what came")
  }

  func serverCompressedStreaming() async throws {
    let (sizes, flags) = ([31_415, 92_653], [true, false])
    let responses = try await client.serverStreaming(
      TestService.streamingOutputCall, Self.output(sizes, compressed: flags),
      timeout: Self.timeout)
    var all = responses.makeAsyncIterator()
    for (size, flag) in zip(sizes, flags) {
      let response = try await all.next()
      try expect(response?.payload?.body.count, is: size, "the size")
      try expect(all.wasCompressed, is: flag, "whether the answer is compressed")
    }
    try expect(try await all.next() == nil, "there are more answers")
  }

  func pingPong() async throws {
    let (requests, responses) = try await client.bidirectional(
      TestService.fullDuplexCall, timeout: Self.timeout)
    var all = responses.makeAsyncIterator()
    for (sizeOut, sizeIn) in zip(Self.sizesOut, Self.sizesIn) {
      try await requests.send(Self.output([sizeOut], payloadBytes: sizeIn))
      let response = try await all.next()
      try expect(response?.payload?.body.count, is: sizeOut, "the size")
    }
    requests.finish()
    try expect(try await all.next() == nil, "there are more answers")
  }

  func emptyStream() async throws {
    let (requests, responses) = try await client.bidirectional(
      TestService.fullDuplexCall, timeout: Self.timeout)
    requests.finish()
    try expect(try await Self.sizes(of: responses), is: [], "what came")
  }

  func halfDuplex() async throws {
    let (requests, responses) = try await client.bidirectional(
      TestService.halfDuplexCall, timeout: Self.timeout)
    for size in Self.sizesOut { try await requests.send(Self.output([size], payloadBytes: 1_000)) }
    requests.finish()
    try expect(try await Self.sizes(of: responses), is: Self.sizesOut, "what came")
  }

  /// Far more than windows and buffers hold: the server has to wait for a reader that takes its time.
  func slowConsumer() async throws {
    let (count, size) = (200, 100_000)
    let responses = try await client.serverStreaming(
      TestService.streamingOutputCall,
      Self.output(Array(repeating: size, count: count)), timeout: Self.timeout)
    var number = 0
    for try await response in responses {
      try expect(response.payload?.body.count, is: size, "the size")
      if number.isMultiple(of: 20) { try await Task.sleep(for: .milliseconds(100)) }
      number += 1
    }
    try expect(number, is: count, "the number of answers")
  }
}
