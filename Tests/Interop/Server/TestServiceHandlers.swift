import InteropSchema
import Protobuf
import RPC

/// What the calls of grpc.testing.TestService do, as gRPC's description of its interoperability tests has it.
///
/// `UnimplementedCall` and `UnimplementedService` have no handler: that is what they are for.
enum TestServiceHandlers {
  static func register(in table: inout ServiceTable) {
    table.unary(TestService.emptyCall) { (_, context) async throws(RPCError) in
      Echo.metadata(of: context)
      return Empty()
    }
    table.unary(TestService.unaryCall, answer)
    table.unary(TestService.cacheableUnaryCall, answer)
    table.clientStreaming(TestService.streamingInputCall, total)
    table.serverStreaming(TestService.streamingOutputCall) {
      (request, context, responses) async throws(RPCError) in
      Echo.metadata(of: context)
      try await send(request, context, responses)
    }
    table.bidirectional(TestService.fullDuplexCall) {
      (requests, context, responses) async throws(RPCError) in
      Echo.metadata(of: context)
      for try await request in requests { try await send(request, context, responses) }
    }
    table.bidirectional(TestService.halfDuplexCall, answerAtTheEnd)
  }

  private static func answer(
    _ request: SimpleRequest, _ context: CallContext
  ) async throws(RPCError) -> SimpleResponse {
    Echo.metadata(of: context)
    try Compression.check(request.expectCompressed, wasCompressed: context.wasRequestCompressed)
    try Echo.status(request.responseStatus)
    if let wish = request.responseCompressed { context.reply.compress(wish.value) }
    var response = SimpleResponse()
    response.payload = try Payload.zeros(request.responseSize)
    if request.fillServerID { response.serverID = "interop-server" }
    return response
  }

  private static func total(
    _ requests: RequestStream<StreamingInputCallRequest>, _ context: CallContext
  ) async throws(RPCError) -> StreamingInputCallResponse {
    Echo.metadata(of: context)
    var response = StreamingInputCallResponse()
    var all = requests.makeAsyncIterator()
    while let request = try await all.next() {
      try Compression.check(request.expectCompressed, wasCompressed: all.wasCompressed)
      // Nobody sends so much, but somebody might.
      response.aggregatedPayloadSize &+= Int32(request.payload?.body.count ?? 0)
    }
    return response
  }

  /// Requests that wait for the last one; a call that sends more is refused.
  private static let waitingMax = 1_000

  private static func answerAtTheEnd(
    _ requests: RequestStream<StreamingOutputCallRequest>, _ context: CallContext,
    _ responses: ResponseWriter<StreamingOutputCallResponse>
  ) async throws(RPCError) {
    Echo.metadata(of: context)
    var waiting: [StreamingOutputCallRequest] = []
    for try await var request in requests {
      guard waiting.count < waitingMax else {
        throw RPCError(code: .resourceExhausted, message: "\(waitingMax) requests wait already")
      }
      // Only what it asks for is needed later.
      request.payload = nil
      waiting.append(request)
    }
    for request in waiting { try await send(request, context, responses) }
  }

  /// Sends what `request` asks for.
  private static func send(
    _ request: StreamingOutputCallRequest, _ context: CallContext,
    _ responses: ResponseWriter<StreamingOutputCallResponse>
  ) async throws(RPCError) {
    try Echo.status(request.responseStatus)
    for parameters in request.responseParameters {
      try await pause(microseconds: parameters.intervalUs)
      // Whoever says it of one response may say it of a later one only, and the headers go out with the first.
      context.reply.compress(parameters.compressed?.value ?? false)
      var response = StreamingOutputCallResponse()
      response.payload = try Payload.zeros(parameters.size)
      try await responses.send(response)
    }
  }

  private static func pause(microseconds: Int32) async throws(RPCError) {
    guard microseconds > 0 else { return }
    do {
      try await Task.sleep(for: .microseconds(microseconds))
    } catch {
      throw RPCError(code: .cancelled, message: "the call was cancelled")
    }
  }
}
