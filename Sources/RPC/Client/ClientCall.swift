internal import HTTP2

/// One call of a client. It never leaves its connection's loop.
final class ClientCall: WritableCall {
  /// What a stream's reader gets.
  enum Batch: Sendable {
    case messages([WireMessage])
    case end(ClientStream.Ending)
  }

  /// What a unary call's caller gets.
  struct Reply: Sendable {
    var messages: [WireMessage]
    var ending: ClientStream.Ending
  }

  /// What a raw call's caller gets; without an ending of failure the answer is complete.
  struct RawReply: Sendable {
    var response: RawResponse
    var ending: ClientStream.Ending
  }

  /// Who waits for what comes.
  enum Consumer {
    case unary(CheckedContinuation<Reply, Never>)
    case raw(CheckedContinuation<RawReply, Never>)
    case stream
    case nobody
  }

  private let connection: ClientConnection
  private var consumer: Consumer
  private var machine: ClientStream
  private var stream: StreamReference?
  private var deadline: DeadlineWheel.Entry?
  private var messages: [WireMessage] = []
  private var ending: ClientStream.Ending?
  private var reader: CheckedContinuation<Batch, Never>?
  private var unreadBytes = 0
  private var raw = RawResponse()
  /// What came with the headers and behind the last message.
  private(set) var initialMetadata = Metadata()
  private(set) var trailingMetadata = Metadata()
  var waitingWrites: [WaitingWrite] = []
  private var isRequestComplete = false

  init(_ consumer: Consumer, on connection: ClientConnection) {
    self.consumer = consumer
    self.connection = connection
    machine = ClientStream(messageBytesMax: connection.messageBytesMax)
  }

  func start(_ request: ClientRequest) {
    guard let stream = connection.open(request, for: self) else {
      let error = RPCError(code: .unavailable, message: connection.loss)
      return end(machine.failed(error, isUnprocessed: true))
    }
    self.stream = stream
    isRequestComplete = request.endStream
    if let timeout = request.timeout {
      deadline = connection.executor.setDeadline(self, after: timeout)
    }
  }

  // MARK: What comes

  func received(_ block: HeaderBlock, endStream: Bool) {
    if case .raw = consumer { return receivedRaw(block, endStream: endStream) }
    if case .stream = consumer { note(block, endStream: endStream) }
    end(machine.received(block, endStream: endStream))
  }

  func received(_ bytes: Span<UInt8>, endStream: Bool) {
    // The connection's window is for all calls: a reader that dawdles must not stop the others.
    connection.session.consumeConnection(bytes: bytes.count)
    unreadBytes += bytes.count
    if case .raw = consumer {
      receivedRaw(bytes, endStream: endStream)
    } else {
      end(machine.received(bytes, endStream: endStream, messages: &messages))
    }
    // A message may be larger than the window, so its parts count as read.
    if case .stream = consumer, !messages.isEmpty { return deliver() }
    returnWindow()
  }

  func closed(_ code: ErrorCode) {
    stream = nil
    end(machine.closed(code))
  }

  func failed(_ error: RPCError, isUnprocessed: Bool) {
    stream = nil
    end(machine.failed(error, isUnprocessed: isUnprocessed))
  }

  private func note(_ block: HeaderBlock, endStream: Bool) {
    if endStream {
      trailingMetadata = Metadata(received: block)
    } else if !ResponseHead(block).isInterim {
      initialMetadata = Metadata(received: block)
    }
  }

  private func receivedRaw(_ block: HeaderBlock, endStream: Bool) {
    if raw.httpStatus == 0 {
      let head = ResponseHead(block)
      if head.isInterim { return }
      raw.httpStatus = head.httpStatus
      raw.headers = Metadata(received: block)
    } else {
      raw.trailers = Metadata(received: block)
    }
    if endStream { end(.ok) }
  }

  private func receivedRaw(_ bytes: Span<UInt8>, endStream: Bool) {
    guard raw.body.count + bytes.count <= connection.messageBytesMax * 2 else {
      let error = RPCError(code: .resourceExhausted, message: "the answer is too long")
      return end(machine.failed(error))
    }
    raw.body += bytes.copied()
    if endStream { end(.ok) }
  }

  // MARK: Who reads

  /// Hands over what has come, now or as soon as there is something.
  func demand(_ continuation: CheckedContinuation<Batch, Never>) {
    precondition(reader == nil, "a response stream has one reader")
    reader = continuation
    deliver()
  }

  private func deliver() {
    guard let reader else { return }
    if !messages.isEmpty {
      let batch = messages
      messages = []
      self.reader = nil
      returnWindow()
      reader.resume(returning: .messages(batch))
    } else if let ending {
      self.reader = nil
      reader.resume(returning: .end(ending))
    }
  }

  private func returnWindow() {
    guard unreadBytes > 0, let stream else { return }
    connection.session.consumeStream(stream, bytes: unreadBytes)
    unreadBytes = 0
    connection.markDirty()
  }

  // MARK: Writing

  func queue(_ first: [UInt8], _ second: [UInt8]) -> WriteResult {
    guard ending == nil, !isRequestComplete, let stream else { return .gone }
    guard connection.session.hasRoom(stream) else { return .full }
    connection.session.write(stream, first)
    connection.session.write(stream, second)
    connection.markDirty()
    return .written
  }

  /// There are no more requests.
  func finishRequests() {
    guard ending == nil, !isRequestComplete, let stream else { return }
    isRequestComplete = true
    connection.session.finish(stream, trailers: nil)
    connection.markDirty()
  }

  // MARK: End

  /// The caller does not want the answer any more.
  func cancel() {
    end(machine.failed(RPCError(code: .cancelled, message: "the call was cancelled")))
  }

  private func end(_ ending: ClientStream.Ending?) {
    guard let ending, self.ending == nil else { return }
    self.ending = ending
    if let deadline { connection.executor.local.deadlines.lift(deadline) }
    deadline = nil
    endWrites()
    // A server that has answered before the request was complete wants no more of it.
    if ending != .ok || !isRequestComplete, let stream {
      connection.session.reset(stream, .cancel)
      connection.markDirty()
    }
    switch consumer {
    case .unary(let continuation):
      continuation.resume(returning: Reply(messages: messages, ending: ending))
      consumer = .nobody
    case .raw(let continuation):
      continuation.resume(returning: RawReply(response: raw, ending: ending))
      consumer = .nobody
    case .stream: deliver()
    case .nobody: break
    }
  }
}

extension ClientCall: DeadlineWheel.Target {
  func expire() {
    end(machine.failed(RPCError(code: .deadlineExceeded, message: "deadline exceeded")))
  }
}
