package import Protobuf
internal import Synchronization

/// A gRPC client: one connection, made again when it has gone.
package final class Client: Sendable {
  private struct State {
    var link: ClientLink?
    var connecting: Task<Result<ClientLink, RPCError>, Never>?
    var isClosed = false
  }

  private let host: String
  private let port: Int
  private let configuration: ClientConfiguration
  private let state = Mutex(State())

  private init(_ host: String, _ port: Int, _ configuration: ClientConfiguration) {
    self.host = host
    self.port = port
    self.configuration = configuration
  }

  /// Connects.
  ///
  /// - Throws: ``RPCError`` with ``StatusCode/unavailable`` if nobody answers there.
  package static func connect(
    host: String, port: Int, configuration: ClientConfiguration = ClientConfiguration()
  ) async throws(RPCError) -> Client {
    let client = Client(host, port, configuration)
    _ = try await client.link()
    return client
  }

  /// Ends the connection and all calls on it; later calls fail.
  package func close() async {
    let link = state.withLock { state in
      state.isClosed = true
      defer { state.link = nil }
      return state.link
    }
    link?.close()
  }

  /// Calls `method`. Cancelling the task resets the call.
  ///
  /// A call that the server has certainly not looked at is tried once more on a fresh connection.
  package func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, metadata: Metadata = Metadata(),
    timeout: Duration? = nil
  ) async throws(RPCError) -> R {
    let request = try self.request(
      method.path, metadata, body: MessageFrame.encode(request), timeout: timeout)
    var reply = await unary(request, try await link())
    if case .failed(_, isUnprocessed: true) = reply.ending {
      reply = await unary(request, try await link())
    }
    if case .failed(let error, _) = reply.ending { throw error }
    guard reply.messages.count == 1 else {
      throw RPCError(code: .internal, message: "the answer has \(reply.messages.count) messages")
    }
    return try Self.decode(reply.messages[0])
  }

  /// Calls `method` and answers the stream of its responses, once the call is under way.
  package func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, metadata: Metadata = Metadata(),
    timeout: Duration? = nil
  ) async throws(RPCError) -> ResponseStream<R> {
    let ticket = CallTicket(try await link())
    let request = try self.request(
      method.path, metadata, body: MessageFrame.encode(request), timeout: timeout)
    ticket.start(request) { .stream }
    return ResponseStream(ResponseSource(ticket))
  }

  /// Sends any bytes as the body of a call and answers what came back, unjudged.
  ///
  /// - Throws: ``RPCError`` if there is no complete answer.
  package func raw(
    path: String, body: [UInt8], metadata: Metadata = Metadata(), timeout: Duration? = nil
  ) async throws(RPCError) -> RawResponse {
    let request = try self.request(path, metadata, body: body, timeout: timeout)
    let ticket = CallTicket(try await link())
    let reply = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        ticket.start(request) { .raw(continuation) }
      }
    } onCancel: {
      ticket.cancel()
    }
    if case .failed(let error, _) = reply.ending { throw error }
    return reply.response
  }

  private func unary(_ request: ClientRequest, _ link: ClientLink) async -> ClientCall.Reply {
    let ticket = CallTicket(link)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        ticket.start(request) { .unary(continuation) }
      }
    } onCancel: {
      ticket.cancel()
    }
  }

  private func request(
    _ path: String, _ metadata: Metadata, body: [UInt8], timeout: Duration?
  ) throws(RPCError) -> ClientRequest {
    if metadata.bytes > Metadata.bytesMax {
      throw RPCError(
        code: .resourceExhausted, message: "metadata may have \(Metadata.bytesMax) bytes")
    }
    let headers = RequestHeaders.block(
      path: path, scheme: configuration.tls == nil ? "http" : "https",
      authority: Authority.field(host, port), userAgent: configuration.userAgent,
      metadata: metadata, timeout: timeout)
    return ClientRequest(headers: headers, body: body, timeout: timeout)
  }

  static func decode<R: Message>(_ bytes: [UInt8]) throws(RPCError) -> R {
    do throws(DecodingError) {
      return try R(decoding: bytes.span)
    } catch {
      throw RPCError(code: .internal, message: "the answer is malformed: \(error.subject)")
    }
  }

  // MARK: Connection

  /// A connection that takes calls; those who want one at the same time share it.
  private func link() async throws(RPCError) -> ClientLink {
    let task = try claim()
    switch task {
    case .ready(let link): return link
    case .connecting(let task): return try await task.value.get()
    }
  }

  private enum Claim {
    case ready(ClientLink)
    case connecting(Task<Result<ClientLink, RPCError>, Never>)
  }

  private func claim() throws(RPCError) -> Claim {
    try state.withLock { state throws(RPCError) in
      if state.isClosed { throw RPCError(code: .unavailable, message: "the client is closed") }
      if let link = state.link, link.isUsable { return .ready(link) }
      if let task = state.connecting { return .connecting(task) }
      let task = Task { await self.connect() }
      state.connecting = task
      return .connecting(task)
    }
  }

  private func connect() async -> Result<ClientLink, RPCError> {
    let result: Result<ClientLink, RPCError>
    do throws(RPCError) {
      result = .success(try await ClientLink.connect(host: host, port: port, configuration))
    } catch {
      result = .failure(error)
    }
    let isClosed = state.withLock { state in
      state.connecting = nil
      if case .success(let link) = result, !state.isClosed { state.link = link }
      return state.isClosed
    }
    guard isClosed, case .success(let link) = result else { return result }
    link.close()
    return .failure(RPCError(code: .unavailable, message: "the client is closed"))
  }
}
