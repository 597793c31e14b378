internal import HTTP2
internal import NIOCore

/// One connection of a client: a session joined to its channel, and the calls on it. It never leaves its loop.
final class ClientConnection: LoopTurn.Flushable {
  let executor: LoopExecutor
  let messageBytesMax: Int
  var session: Session
  private var calls: [(stream: StreamReference, call: ClientCall)?] = []
  private var events: [Event] = []
  private var context: ChannelHandlerContext?
  /// Why calls fail once the connection is gone.
  var loss = "the connection was lost"
  private let usable: UsableFlag
  private var isDirty = false
  private var isClosing = false
  private var isReading = false

  init(
    _ configuration: ClientConfiguration, _ executor: LoopExecutor, _ usable: UsableFlag
  ) throws(SessionError) {
    session = try Session(.client)
    messageBytesMax = configuration.maxMessageBytes
    self.executor = executor
    self.usable = usable
  }

  /// Lets the connection write at the end of this turn.
  func markDirty() {
    guard !isDirty else { return }
    isDirty = true
    executor.local.markDirty(self)
  }

  /// Opens a stream for `call`; nil if the connection takes no more.
  func open(_ request: ClientRequest, for call: ClientCall) -> StreamReference? {
    // Whatever the session refuses, a fresh connection can do.
    guard usable.value, context != nil,
      let stream = try? session.submitRequest(
        request.headers, body: request.body, endStream: request.endStream)
    else {
      usable.clear()
      return nil
    }
    while calls.count <= stream.slot { calls.append(nil) }
    calls[stream.slot] = (stream, call)
    markDirty()
    return stream
  }

  func close() {
    usable.clear()
    isClosing = true
    session.terminate(.noError)
    markDirty()
  }

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
      call(stream)?.received(block, endStream: endStream)
    case .data(let stream, let range, let endStream):
      guard let call = call(stream) else { return session.consume(stream, bytes: range.count) }
      call.received(input.extracting(range), endStream: endStream)
    case .closed(let stream, let code):
      guard let call = call(stream) else { return }
      calls[stream.slot] = nil
      call.closed(code)
    case .goAway: usable.clear()
    case .writable(let stream): call(stream)?.hasRoom()
    case .settings, .pong: break
    }
  }

  private func call(_ stream: StreamReference) -> ClientCall? {
    guard stream.slot < calls.count, let entry = calls[stream.slot], entry.stream == stream else {
      return nil
    }
    return entry.call
  }

  private static let writeBytesMax = 256 * 1_024
  private static let nothing: [UInt8] = []

  func flush() {
    isDirty = false
    // A peer that does not read gets no more; what waits is bounded by the session.
    guard let context, context.channel.isWritable || isClosing else { return }
    repeat {
      var buffer = context.channel.allocator.buffer(capacity: 8 * 1_024)
      do throws(SessionError) {
        try session.send(events: &events, limit: Self.writeBytesMax) { bytes in
          _ = unsafe buffer.writeBytes(bytes.bytes)
        }
      } catch {
        isClosing = true
      }
      if buffer.readableBytes > 0 { context.writeAndFlush(NIOAny(buffer), promise: nil) }
      handle(Self.nothing.span)
    } while context.channel.isWritable && session.wantsToSend && !isClosing
    if isClosing || session.isFinished {
      usable.clear()
      context.close(promise: nil)
    }
  }

  private func failAll() {
    let all = calls
    calls = []
    let error = RPCError(code: .unavailable, message: loss)
    for entry in all { entry?.call.failed(error, isUnprocessed: false) }
  }
}

extension ClientConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    executor.inTurn { markDirty() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    isReading = true
    executor.beginTurn()
    let buffer = unwrapInboundIn(data)
    let input = buffer.readableBytesUInt8Span
    do throws(SessionError) {
      try session.receive(input, events: &events)
    } catch {
      isClosing = true
    }
    handle(input)
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
    guard context.channel.isWritable else { return }
    executor.inTurn { markDirty() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    usable.clear()
    endBurst()
    executor.inTurn { failAll() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    endBurst()
    // In TLS 1.3 a server looks at the client's certificate when the client is done with the handshake already.
    if TLSErrorText.isTLS(error) { loss = TLSErrorText.describe(error) }
    context.close(promise: nil)
  }
}
