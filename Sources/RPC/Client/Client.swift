package import Protobuf
internal import Synchronization

/// A gRPC client: calls go to its addresses in turn, over one connection each, which is made again when it has gone.
package final class Client: Sendable {
  let configuration: ClientConfiguration
  private let addresses: [ClientAddress]
  private let turn = Atomic(0)

  private init(_ addresses: [ClientAddress], _ configuration: ClientConfiguration) {
    self.addresses = addresses
    self.configuration = configuration
  }

  /// Connects.
  ///
  /// - Throws: ``RPCError`` with ``StatusCode/unavailable`` if nobody answers there.
  package static func connect(
    host: String, port: Int, configuration: ClientConfiguration = ClientConfiguration()
  ) async throws(RPCError) -> Client {
    try await connect(addresses: [(host, port)], configuration: configuration)
  }

  /// Connects to one of several servers that do the same; calls go to all of them in turn, around those that are away.
  ///
  /// - Throws: ``RPCError`` with ``StatusCode/unavailable`` if nobody answers anywhere.
  package static func connect(
    addresses: [(host: String, port: Int)],
    configuration: ClientConfiguration = ClientConfiguration()
  ) async throws(RPCError) -> Client {
    let addresses = addresses.map { ClientAddress($0.host, $0.port, configuration) }
    let client = Client(addresses, configuration)
    _ = try await client.link()
    return client
  }

  /// Ends the connections and all calls on them; later calls fail.
  package func close() async {
    for address in addresses { address.close() }
  }

  /// Calls `method`. Cancelling the task resets the call.
  ///
  /// A call that the server has certainly not looked at is tried once more on a fresh connection, whatever it is.
  ///
  /// - Parameters:
  ///   - timeout: for everything, repetitions included.
  ///   - compresses: whether the request goes out compressed.
  ///   - retry: how to go on when the server is unavailable; only for calls that may be carried out twice. Nil: not at all.
  package func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ request: Q, metadata: Metadata = Metadata(),
    timeout: Duration? = nil, compresses: Bool = false, retry: RetryPolicy? = nil
  ) async throws(RPCError) -> R {
    let body = MessageFrame.encode(request)
    var attempts = Attempts(retry, timeout: timeout)
    while true {
      do throws(RPCError) {
        return try await unary(method, body, metadata, attempts.timeLeft, compresses: compresses)
      } catch {
        guard let pause = attempts.pause(after: error) else { throw error }
        // Cancelled while it waits: the call ends with what it met.
        guard (try? await Task.sleep(for: pause)) != nil else { throw error }
      }
    }
  }

  private func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, _ body: [UInt8], _ metadata: Metadata, _ timeout: Duration?,
    compresses: Bool
  ) async throws(RPCError) -> R {
    let request = try self.request(
      method.path, metadata, body: compresses ? MessageFrame.compress(body, []) : body,
      timeout: timeout, compresses: compresses)
    var reply = await unary(request, try await link())
    if case .failed(_, isUnprocessed: true) = reply.ending {
      reply = await unary(request, try await link())
    }
    if case .failed(let error, _) = reply.ending { throw error }
    guard reply.messages.count == 1 else {
      throw RPCError(code: .internal, message: "the answer has \(reply.messages.count) messages")
    }
    return try Self.decode(reply.messages[0], bytesMax: configuration.maxMessageBytes)
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
    return responses(ticket)
  }

  /// Calls `method`, whose requests and responses go their ways side by side: send by the writer and read the responses, in
  /// one task or in two.
  ///
  /// - Parameter compresses: whether requests go out compressed, unless the writer is told otherwise.
  package func bidirectional<Q: Message, R: Message>(
    _ method: Method<Q, R>, metadata: Metadata = Metadata(), timeout: Duration? = nil,
    compresses: Bool = false
  ) async throws(RPCError) -> (requests: RequestWriter<Q>, responses: ResponseStream<R>) {
    let ticket = CallTicket(try await link())
    var request = try self.request(
      method.path, metadata, body: [], timeout: timeout, compresses: compresses)
    request.endStream = false
    let sink = await ticket.open(request)
    return (RequestWriter(sink, ticket, compresses: compresses), responses(ticket))
  }

  /// Calls `method` with the requests that `produce` sends, and answers its one response.
  ///
  /// A server may answer before it has seen all; `produce` then finds the call over, and the answer counts.
  package func clientStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, metadata: Metadata = Metadata(), timeout: Duration? = nil,
    compresses: Bool = false,
    _ produce: (RequestWriter<Q>) async throws(RPCError) -> Void
  ) async throws(RPCError) -> R {
    let (requests, responses) = try await bidirectional(
      method, metadata: metadata, timeout: timeout, compresses: compresses)
    do throws(RPCError) {
      try await produce(requests)
    } catch  where error != .callIsOver {
      responses.cancel()
      throw error
    } catch {
      // The server has answered early.
    }
    requests.finish()
    var all = responses.makeAsyncIterator()
    guard let response = try await all.next(), try await all.next() == nil else {
      throw RPCError(code: .internal, message: "the answer is not one message")
    }
    return response
  }

  private func responses<R: Message>(_ ticket: CallTicket) -> ResponseStream<R> {
    ResponseStream(ResponseSource(ticket, messageBytesMax: configuration.maxMessageBytes))
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
    _ path: String, _ metadata: Metadata, body: [UInt8], timeout: Duration?,
    compresses: Bool = false
  ) throws(RPCError) -> ClientRequest {
    if metadata.bytes > Metadata.bytesMax {
      throw RPCError(
        code: .resourceExhausted, message: "metadata may have \(Metadata.bytesMax) bytes")
    }
    let headers = RequestHeaders.block(
      path: path, scheme: configuration.tls == nil ? "http" : "https",
      authority: authority, userAgent: configuration.userAgent, metadata: metadata,
      timeout: timeout, compresses: compresses)
    return ClientRequest(headers: headers, body: body, timeout: timeout)
  }

  // Any server of the group answers for all.
  private var authority: String {
    addresses.first.map { Authority.field($0.host, $0.port) } ?? ""
  }

  static func decode<R: Message>(
    _ message: WireMessage, bytesMax: Int
  ) throws(RPCError) -> R {
    let bytes: [UInt8]
    do throws(MessageReader.Fault) {
      bytes = try message.content(bytesMax: bytesMax)
    } catch {
      throw ClientStream.error(error)
    }
    do throws(DecodingError) {
      return try R(decoding: bytes.span)
    } catch {
      throw RPCError(code: .internal, message: "the answer is malformed: \(error.subject)")
    }
  }

  // MARK: Connections

  /// A connection to the address whose turn it is, or to the next one that can be reached.
  private func link() async throws(RPCError) -> ClientLink {
    let first = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    var failure = RPCError(code: .unavailable, message: "the client has no address")
    for offset in addresses.indices {
      do throws(RPCError) {
        return try await addresses[(first + offset) % addresses.count].link()
      } catch {
        failure = error
      }
    }
    throw failure
  }
}
