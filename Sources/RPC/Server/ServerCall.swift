internal import HTTP2
internal import NIOCore
internal import Protobuf

/// One call on a server's connection: from its headers to the moment when its stream is gone. It never leaves its loop.
final class ServerCall {
  /// What became of an attempt to write.
  enum WriteResult {
    case written
    case full
    case gone
  }

  /// A handler's task that waits for room.
  struct Waiter {
    let ticket: WriteTicket
    let first: [UInt8]
    let second: [UInt8]
    let continuation: CheckedContinuation<Bool, Never>
  }

  let stream: StreamReference
  let entry: ServiceTable.Entry
  let context: CallContext
  private let connection: ServerConnection
  private var machine: ServerStream
  private var task: Task<Void, Never>?
  private var deadline: DeadlineWheel.Entry?
  private var waiters: [Waiter] = []

  init(
    _ stream: StreamReference, _ entry: ServiceTable.Entry, _ context: CallContext,
    timeout: Duration?, on connection: ServerConnection
  ) {
    self.stream = stream
    self.entry = entry
    self.context = context
    self.connection = connection
    machine = ServerStream(messageBytesMax: connection.messageBytesMax)
    if let timeout { deadline = connection.executor.setDeadline(self, after: timeout) }
  }

  // MARK: Request

  /// Takes bytes of the request, and starts the handler at its end.
  func received(_ bytes: Span<UInt8>, endStream: Bool) {
    if endStream, let start = machine.receivedWhole(bytes) {
      guard start else { return }
      return entry.start(bytes.extracting(droppingFirst: MessageReader.prefixBytes), self)
    }
    switch machine.received(bytes, endStream: endStream) {
    case .nothing: break
    case .start(let request): entry.start(request.span, self)
    case .fail(let fault): fail(fault)
    }
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
    let (call, context) = (connection.bind(self), context)
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

  func makeSink() -> ResponseSink {
    ResponseSink(call: self, executor: connection.executor)
  }

  /// Whether the request, or a message of it, has begun and is not complete.
  var isMidRequest: Bool { machine.isMidRequest }

  // MARK: Answer

  private func complete(_ result: Result<[UInt8]?, RPCError>) {
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

  private func perform(_ action: ServerStream.Answer) {
    switch action {
    case .nothing: return
    case .whole(let body):
      connection.session.respond(
        stream, .prepared(StatusTrailers.responseHeaders), body: body,
        trailers: .prepared(StatusTrailers.ok))
    case .status(let error):
      connection.session.respond(stream, headersOnly: .block(StatusTrailers.only(error)))
    case .trailers(let error):
      connection.session.finish(
        stream,
        trailers: error.map { .block(StatusTrailers.block($0)) } ?? .prepared(StatusTrailers.ok))
    }
    end()
    connection.markDirty()
  }

  // MARK: Writing

  /// Queues the bytes of a message if there is room.
  func write(_ first: [UInt8], _ second: [UInt8]) -> WriteResult {
    guard machine.isOpen else { return .gone }
    guard waiters.isEmpty, connection.session.hasRoom(stream) else { return .full }
    if machine.sendHeaders() {
      connection.session.respond(stream, .prepared(StatusTrailers.responseHeaders))
    }
    connection.session.write(stream, first)
    connection.session.write(stream, second)
    connection.markDirty()
    return .written
  }

  /// Queues the bytes of a message as soon as there is room, and tells `continuation` whether it came to that.
  func write(
    _ first: [UInt8], _ second: [UInt8], _ ticket: WriteTicket,
    _ continuation: CheckedContinuation<Bool, Never>
  ) {
    if ticket.isCancelled { return continuation.resume(returning: false) }
    switch write(first, second) {
    case .written: continuation.resume(returning: true)
    case .gone: continuation.resume(returning: false)
    case .full:
      waiters.append(
        Waiter(ticket: ticket, first: first, second: second, continuation: continuation))
    }
  }

  /// The task that holds `ticket` was cancelled.
  func abandonWrite(_ ticket: WriteTicket) {
    guard let index = waiters.firstIndex(where: { $0.ticket === ticket }) else { return }
    waiters.remove(at: index).continuation.resume(returning: false)
  }

  /// The output queue has room again.
  func hasRoom() {
    let all = waiters
    waiters = []
    for (index, waiter) in all.enumerated() {
      switch write(waiter.first, waiter.second) {
      case .written: waiter.continuation.resume(returning: true)
      case .gone: waiter.continuation.resume(returning: false)
      case .full:
        waiters = Array(all[index...])
        return
      }
    }
  }

  // MARK: End

  /// The stream is gone: the peer has cancelled or left, or the answer is out.
  func closed() {
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
    let all = waiters
    waiters = []
    for waiter in all { waiter.continuation.resume(returning: false) }
  }
}

extension ServerCall: DeadlineWheel.Target {
  func expire() {
    fail(.deadlineExceeded)
  }
}
