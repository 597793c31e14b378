internal import HTTP2
internal import NIOCore
internal import Protobuf

/// One call on a server's connection: from its headers to the moment when its stream is gone. It never leaves its loop.
final class ServerCall: WritableCall {
  let stream: StreamReference
  let entry: ServiceTable.Entry
  private var context: CallContext
  private let connection: ServerConnection
  private var machine: ServerStream
  private var task: Task<Void, Never>?
  private var deadline: DeadlineWheel.Entry?
  var waitingWrites: [WaitingWrite] = []
  // Its answer has begun and comes in parts.
  private var isStreaming = false
  /// Of a call whose request is a stream.
  private var inbox: RequestInbox?

  /// What the handler has said about its answer.
  var answer = AnswerOptions()

  init(
    _ stream: StreamReference, _ entry: ServiceTable.Entry, _ context: CallContext,
    _ head: RequestHead, on connection: ServerConnection
  ) {
    self.stream = stream
    self.entry = entry
    self.context = context
    self.connection = connection
    machine = ServerStream(
      messageBytesMax: connection.messageBytesMax, takesCompressed: head.isGzip)
    answer.acceptsGzip = head.acceptsGzip
    self.context.acceptsGzip = head.acceptsGzip
    if let timeout = head.timeout {
      deadline = connection.executor.setDeadline(self, after: timeout)
    }
  }

  // MARK: Request

  /// Starts the handler of a call whose request is a stream; others start when their request is complete.
  func begin() {
    guard case .stream(let start) = entry.start else { return }
    inbox = RequestInbox()
    start(self)
  }

  /// Takes bytes of the request, and starts the handler at its end.
  func received(_ bytes: Span<UInt8>, endStream: Bool) {
    guard case .whole(let start) = entry.start else {
      return receivedPart(bytes, endStream: endStream)
    }
    connection.session.consume(stream, bytes: bytes.count)
    if endStream, machine.receivedWhole(bytes) {
      return start(bytes.extracting(droppingFirst: MessageReader.prefixBytes), self)
    }
    switch machine.received(bytes, endStream: endStream) {
    case .nothing: break
    case .start(let request, let wasCompressed):
      context.wasRequestCompressed = wasCompressed
      start(request.span, self)
    case .fail(let fault): fail(fault)
    }
  }

  /// Takes bytes of a request that is a stream. The stream's window is given back as the handler reads; the
  /// connection's at once, for one handler that dawdles must not stop the others.
  private func receivedPart(_ bytes: Span<UInt8>, endStream: Bool) {
    connection.session.consumeConnection(bytes: bytes.count)
    guard let inbox, machine.isOpen else { return }
    inbox.received(bytes: bytes.count)
    switch machine.received(bytes, endStream: endStream, into: inbox) {
    case .nothing: break
    case .end: inbox.end(.end)
    case .fail(let fault): return fail(fault)
    }
    inbox.deliver()
    returnWindow()
  }

  /// The next message of the request stream, or how it ended; nil: there is none yet.
  func takeRequest() -> RequestInbox.Next? {
    guard let next = inbox?.take() else { return nil }
    returnWindow()
    return next
  }

  /// Hands the next message to `continuation` once it is there.
  func awaitRequest(
    _ ticket: WaitTicket, _ continuation: CheckedContinuation<RequestInbox.Next, Never>
  ) {
    guard let inbox else { return continuation.resume(returning: .gone) }
    inbox.wait(ticket, continuation)
    returnWindow()
  }

  /// The task that holds `ticket` was cancelled.
  func abandonRead(_ ticket: WaitTicket) {
    inbox?.abandon(ticket)
  }

  private func returnWindow() {
    guard let bytes = inbox?.windowToReturn(), bytes > 0 else { return }
    connection.session.consumeStream(stream, bytes: bytes)
    connection.markDirty()
  }

  /// The request as a message; nil if it is none, and then the call has been answered so.
  func decode<Q: Message>(_ bytes: Span<UInt8>) -> Q? {
    do throws(DecodingError) {
      return try Q(decoding: bytes)
    } catch {
      fail(.malformedMessage(error))
      return nil
    }
  }

  /// Runs the handler on this loop. `body` answers the one response with its prefix, or nil if it has sent all itself.
  func run(_ body: @escaping @Sendable (CallContext) async throws(RPCError) -> [UInt8]?) {
    // A caller that has stopped waiting must not be left with an effect that it never hears of.
    if let deadline = context.deadline, deadline <= .now { return fail(.deadlineExceeded) }
    let call = connection.bind(self)
    // In the handler's copy only: in ours it would keep this call alive for ever.
    var replying = context
    replying.reply = ReplyOptions(CallHandle(call, connection.executor))
    let context = replying
    let body = connection.services.decorated(body)
    connection.executor.local.runningHandlers += 1
    let task = Task.immediate(executorPreference: connection.executor) {
      let result: Result<[UInt8]?, RPCError>
      do throws(RPCError) {
        result = .success(try await body(context))
      } catch {
        result = .failure(error)
      }
      call.value.complete(result)
    }
    if machine.isOpen { self.task = task }
  }

  var isDecorated: Bool { connection.services.isDecorated }

  /// Runs a handler that answers by ``complete(_:)``, once, now or later.
  func run(_ body: (CallContext, CallHandle) -> Void) {
    if let deadline = context.deadline, deadline <= .now { return fail(.deadlineExceeded) }
    let call = CallHandle(connection.bind(self), connection.executor)
    // In the handler's copy only: in ours it would keep this call alive for ever.
    var replying = context
    replying.reply = ReplyOptions(call)
    connection.executor.local.runningHandlers += 1
    body(replying, call)
  }

  /// Answers with what `known` has, if it has anything.
  func answer(known: (CallContext) -> EncodedMessage?) -> Bool {
    // Who has stopped waiting is told so by `run`.
    if let deadline = context.deadline, deadline <= .now { return false }
    guard let message = known(context) else { return false }
    perform(machine.completed(message.frame))
    return true
  }

  func makeSink() -> MessageSink<ServerCall> {
    MessageSink(call: connection.bind(self), executor: connection.executor)
  }

  func makeSource() -> RequestSource {
    RequestSource(
      call: connection.bind(self), executor: connection.executor,
      messageBytesMax: connection.messageBytesMax)
  }

  /// Whether the request, or a message of a stream of them, has begun and is not complete, and it is the peer's turn.
  var isMidRequest: Bool {
    guard let inbox else { return machine.isMidRequest }
    return machine.isMidMessage && !inbox.isWithholding
  }

  // MARK: Answer

  /// Takes what the handler has come to. To be called on the loop, in a turn.
  func complete(_ result: Result<[UInt8]?, RPCError>) {
    connection.executor.local.runningHandlers -= 1
    switch result {
    case .success(let message): perform(machine.completed(message))
    case .failure(let error): perform(machine.failed(error))
    }
  }

  /// Answers with an error that the server itself has found, and stops the handler.
  func fail(_ fault: TransportFault) {
    guard machine.isOpen else { return }
    perform(machine.failed(connection.services.faults(fault, context)))
    task?.cancel()
  }

  /// Answers with `error`, and stops the handler.
  func end(with error: RPCError) {
    guard machine.isOpen else { return }
    perform(machine.failed(error))
    task?.cancel()
  }

  private func perform(_ action: ServerStream.Answer) {
    switch action {
    case .nothing: return
    case .whole(let body):
      connection.session.respond(
        stream, answer.headers(), body: answer.framed(body), trailers: answer.trailers())
    case .status(let error):
      connection.session.respond(
        stream, headersOnly: .block(StatusTrailers.only(answer.adding(to: error))))
    case .trailers(let error):
      connection.session.finish(
        stream,
        trailers: error.map { .block(StatusTrailers.block(answer.adding(to: $0))) }
          ?? answer.trailers())
    }
    end()
    connection.markDirty()
  }

  // MARK: Writing

  func queue(_ first: [UInt8], _ second: [UInt8]) -> WriteResult {
    guard machine.isOpen else { return .gone }
    guard connection.session.hasRoom(stream) else { return .full }
    if machine.sendHeaders() {
      isStreaming = true
      connection.streamingCalls += 1
      connection.session.respond(stream, answer.headers())
    }
    if answer.compresses == true, answer.isGzip {
      connection.session.write(stream, MessageFrame.compress(first, second))
    } else {
      connection.session.write(stream, first)
      if !second.isEmpty { connection.session.write(stream, second) }
    }
    connection.markDirty()
    return .written
  }

  // MARK: End

  /// The stream is gone: the peer has cancelled or left, or the answer is out.
  func closed() {
    if isStreaming { connection.streamingCalls -= 1 }
    isStreaming = false
    machine.closed()
    end()
    task?.cancel()
    task = nil
  }

  private func end() {
    if let deadline {
      connection.executor.local.deadlines.lift(deadline)
      self.deadline = nil
    }
    endWrites()
    if let inbox {
      inbox.end(.gone)
      inbox.deliver()
    }
  }
}

extension ServerCall: DeadlineWheel.Target {
  func expire() {
    fail(.deadlineExceeded)
  }
}
