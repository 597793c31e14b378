internal import HTTP2
internal import NIOCore

/// One connection of a server: a session joined to its channel, and the calls on it. It never leaves its loop.
final class ServerConnection: LoopTurn.Flushable {
  let executor: LoopExecutor
  let services: ServiceTable
  let messageBytesMax: Int
  private let headerListBytesMax: Int
  private let callsMax: Int
  // What the peer was told.
  private var callsAllowed: Int
  var session: Session
  private var calls: [ServerCall?] = []
  private var plain: [Int: PlainRequest] = [:]
  private var events: [Event] = []
  private var context: ChannelHandlerContext?
  private let queuedBytesMax: Int
  var policy: ConnectionPolicy
  var pingsSeen = 0
  var watchEntry: DeadlineWheel.Entry?
  var watchedUntil = Int64.max
  private var peer = ""
  /// Who the peer is by its certificate; set before the connection is active.
  var identity: PeerIdentity?
  private var memory = ConnectionMemory()
  private var isDirty = false
  private var isDraining = false
  private var isRefusing = false
  private var isClosing = false
  private var isReading = false
  private let frameLog: FrameLog?
  private let onClose: @Sendable () -> Void
  private let retained: RetainedCount

  init(
    _ configuration: ServerConfiguration, _ services: ServiceTable, _ executor: LoopExecutor,
    _ retained: RetainedCount, onClose: @escaping @Sendable () -> Void
  ) throws(SessionError) {
    self.retained = retained
    let trace = FrameLog(configuration.logger)
    session = try Session(.server, limits: configuration.sessionLimits, trace: trace?.write)
    frameLog = trace
    queuedBytesMax = configuration.connection.queuedBytesMax
    policy = ConnectionPolicy(
      configuration.connection, now: LoopExecutor.nowMilliseconds, jitter: .random(in: -1...1))
    messageBytesMax = configuration.maxMessageBytes
    headerListBytesMax = configuration.maxHeaderListBytes
    callsMax = configuration.maxConcurrentStreams
    callsAllowed = callsMax
    self.services = services
    self.executor = executor
    self.onClose = onClose
    retained.add(1)
  }

  deinit { retained.add(-1) }

  /// Whether the peer can be spoken to: the handshake, if there is one, is over.
  var isActive: Bool { context != nil }

  func bind(_ call: ServerCall) -> NIOLoopBound<ServerCall> {
    NIOLoopBound(call, eventLoop: executor.eventLoop)
  }

  /// Lets the connection write at the end of this turn.
  func markDirty() {
    guard !isDirty else { return }
    isDirty = true
    executor.local.markDirty(self)
  }

  // MARK: Events

  private func handle(_ input: Span<UInt8>) {
    var index = 0
    while index < events.count {
      handle(events[index], input)
      index += 1
    }
    events.removeAll(keepingCapacity: true)
  }

  private func handle(_ event: Event, _ input: Span<UInt8>) {
    switch event {
    case .headers(let stream, let block, let endStream):
      if let call = call(stream) {
        call.received(input.extracting(0..<0), endStream: endStream)
      } else if plain[stream.slot]?.stream == stream {
        receivedPlain(stream, bytes: 0, endStream: endStream)
      } else {
        open(stream, block, endStream: endStream, input)
      }
    case .data(let stream, let range, let endStream):
      guard let call = call(stream) else {
        session.consume(stream, bytes: range.count)
        return receivedPlain(stream, bytes: range.count, endStream: endStream)
      }
      call.received(input.extracting(range), endStream: endStream)
    case .closed(let stream, _):
      guard let call = call(stream) else {
        plain[stream.slot] = nil
        return
      }
      calls[stream.slot] = nil
      call.closed()
    case .writable(let stream): call(stream)?.hasRoom()
    case .pong:
      if isDraining { refuseCalls() }
    case .settings: policy.receivedSettings()
    case .goAway: break
    }
  }

  private func call(_ stream: StreamReference) -> ServerCall? {
    guard stream.slot < calls.count, let call = calls[stream.slot], call.stream == stream else {
      return nil
    }
    return call
  }

  private func open(
    _ stream: StreamReference, _ block: HeaderBlock, endStream: Bool, _ input: Span<UInt8>
  ) {
    let head = RequestHead(block) { services.find($0) }
    if case .http(let status, let hasBody) = head.kind {
      plain[stream.slot] = PlainRequest(stream: stream, status: status, hasBody: hasBody)
      return receivedPlain(stream, bytes: 0, endStream: endStream)
    }
    guard session.queuedBytes <= queuedBytesMax else {
      plain[stream.slot] = PlainRequest(stream: stream, status: nil, hasBody: false)
      return session.reset(stream, .refusedStream)
    }
    let deadline = head.timeout.map { ContinuousClock.now + $0 }
    guard let method = head.method, head.fault == nil, !block.isTruncated else {
      return refuse(stream, block, head)
    }
    let entry = services.entries[method]
    var context = CallContext(
      path: entry.path, metadata: Metadata(received: block), deadline: deadline, peer: peer,
      identity: identity)
    if let gate = entry.gate {
      switch gate(context, &memory) {
      case .success(let principal): context.principal = principal
      case .failure(let error): return refuse(stream, error)
      }
    }
    executor.noteCall()
    let call = ServerCall(stream, entry, context, head, on: self)
    while calls.count <= stream.slot { calls.append(nil) }
    calls[stream.slot] = call
    call.begin()
    if endStream { call.received(input.extracting(0..<0), endStream: true) }
  }

  /// What is no call is answered at its end, as HTTP wants it; its body is of no interest.
  private func receivedPlain(_ stream: StreamReference, bytes: Int, endStream: Bool) {
    guard let status = plain[stream.slot]?.received(stream, bytes: bytes, endStream: endStream)
    else { return }
    answerPlainly(stream, status, hasBody: plain[stream.slot]?.hasBody ?? true)
  }

  /// Whether it is the peer's turn on a stream whose request has not ended.
  func awaitsInput(_ stream: StreamReference) -> Bool {
    call(stream)?.isMidRequest ?? true
  }

  private func answerPlainly(_ stream: StreamReference, _ status: Int, hasBody: Bool) {
    let headers = Headers.block(PlainHTTP.headers(status: status))
    if hasBody {
      session.respond(stream, headers, body: PlainHTTP.text, trailers: nil)
    } else {
      session.respond(stream, headersOnly: headers)
    }
  }

  private func refuse(_ stream: StreamReference, _ block: HeaderBlock, _ head: RequestHead) {
    let metadata = Metadata(received: block)
    let path = metadata[":path"] ?? ""
    let fault: TransportFault =
      if block.isTruncated {
        .metadataTooLarge(limit: headerListBytesMax)
      } else if head.method == nil {
        .unimplemented(path: path)
      } else {
        head.fault ?? .internalFailure
      }
    let context = CallContext(path: path, metadata: metadata, peer: peer, identity: identity)
    refuse(stream, services.faults(fault, context))
  }

  /// Answers before the request is there; what comes of it is of no interest.
  private func refuse(_ stream: StreamReference, _ error: RPCError) {
    plain[stream.slot] = PlainRequest(stream: stream, status: nil, hasBody: false)
    session.respond(
      stream, headersOnly: .block(error.status?.block ?? StatusTrailers.only(error)))
  }

  // MARK: Output

  private static let writeBytesMax = 256 * 1_024
  private static let nothing: [UInt8] = []

  func flush() {
    isDirty = false
    // A peer that does not read gets no more; what waits is bounded by the session.
    guard let context, context.channel.isWritable || isClosing else { return }
    allowCalls()
    repeat {
      var buffer = context.channel.allocator.buffer(capacity: 8 * 1_024)
      do throws(SessionError) {
        try session.send(events: &events, limit: Self.writeBytesMax) { bytes in
          _ = unsafe buffer.writeBytes(bytes.bytes)
        }
      } catch {
        isClosing = true
      }
      if buffer.readableBytes > 0 {
        context.writeAndFlush(NIOAny(buffer), promise: nil)
      }
      handle(Self.nothing.span)
    } while context.channel.isWritable && session.wantsToSend && !isClosing
    if isClosing || session.isFinished { return context.close(promise: nil) }
    policy.counted(openCalls: session.openStreams, LoopExecutor.nowMilliseconds)
    watch()
  }

  /// Calls whose answers are streams. They stay, and take nothing away from what the others are allowed.
  var streamingCalls = 0

  // Small steps are not worth a frame.
  private func allowCalls() {
    let allowance = executor.local.allowance
    guard allowance.isLowered || callsAllowed < callsMax else { return }
    let allowed = allowance.isLowered ? min(callsMax, allowance.calls + streamingCalls) : callsMax
    guard allowed == callsMax || abs(allowed - callsAllowed) * 8 >= callsAllowed else { return }
    guard allowed != callsAllowed, session.askForStreams(atMost: allowed) else { return }
    callsAllowed = allowed
  }

  // MARK: Drain

  /// Takes no more calls; those that run go on. The connection closes behind the last of them.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    policy.drained()
    session.announceGoAway()
    session.ping(1)
    markDirty()
    executor.eventLoop.assumeIsolated().scheduleTask(in: Self.drainPatience) { self.refuseCalls() }
  }

  /// How long a peer may take to answer the ping behind the announcement.
  private static let drainPatience = TimeAmount.seconds(1)

  /// The peer has seen the announcement, or had time to: calls that come now are refused.
  private func refuseCalls() {
    guard context != nil, !isRefusing else { return }
    isRefusing = true
    executor.inTurn {
      session.goAway()
      markDirty()
    }
  }

  /// Ends what still runs, and the connection.
  func cancelAll() {
    for call in calls { call?.fail(.shuttingDown) }
    session.goAway()
    markDirty()
  }

  /// Says why, and closes.
  func refuse(_ refusal: ConnectionPolicy.Refusal) {
    guard !isClosing else { return }
    isClosing = true
    session.goAway(refusal.code, debug: refusal.debug)
    markDirty()
  }

  /// Closes whatever the peer does.
  func abort() {
    context?.close(promise: nil)
  }
}

extension ServerConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    executor.local.connections += 1
    peer = context.remoteAddress?.endpoint ?? ""
    frameLog?.peer = peer
    executor.inTurn { markDirty() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    isReading = true
    executor.beginTurn()
    let buffer = unwrapInboundIn(data)
    let input = buffer.readableBytesUInt8Span
    let now = LoopExecutor.nowMilliseconds
    do throws(SessionError) {
      try session.receive(input, atMilliseconds: now, events: &events)
    } catch {
      isClosing = true
    }
    handle(input)
    judgeInput(now)
    markDirty()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    endBurst()
  }

  /// The turn that the first read of a burst began ends with the burst, however that ends.
  private func endBurst() {
    guard isReading else { return }
    isReading = false
    executor.finishTurn()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    policy.changed(isWritable: context.channel.isWritable, LoopExecutor.nowMilliseconds)
    guard context.channel.isWritable else { return watch() }
    executor.inTurn { markDirty() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if self.context != nil { executor.local.connections -= 1 }
    self.context = nil
    unwatch()
    endBurst()
    let all = calls
    calls = []
    executor.inTurn {
      for call in all { call?.closed() }
    }
    onClose()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    endBurst()
    context.close(promise: nil)
  }
}
