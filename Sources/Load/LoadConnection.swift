internal import HTTP2
internal import NIOCore

/// One connection with a number of calls in flight. It never leaves its loop.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private struct Call {
    var open: LoadDriver.Open?
    /// The gRPC status; nil: none has come.
    var status: Int?
    var body: [UInt8] = []
  }

  private let headers: [HeaderBlock]
  private let driver: LoadDriver
  private let inFlight: Int
  private var session: Session
  private var events: [Event] = []
  private var calls: [Call] = []
  private var openCount = 0
  private var isDirty = false
  private var isClosing = false
  private var context: ChannelHandlerContext?

  /// - Parameter inFlight: calls at once; at most what the server lets one connection have open.
  init(_ plan: LoadPlan, _ driver: LoadDriver, inFlight: Int) throws {
    session = try Session(.client)
    self.driver = driver
    self.inFlight = inFlight
    headers = plan.paths.map { path in
      var headers = HeaderBlock()
      headers.append(":method", "POST")
      headers.append(":scheme", "http")
      headers.append(":path", path)
      headers.append(":authority", "localhost")
      headers.append("content-type", "application/grpc")
      headers.append("te", "trailers")
      if let token = plan.token { headers.append("authorization", "Bearer \(token)") }
      if let deadline = plan.deadline {
        headers.append("grpc-timeout", "\(deadline.wholeNanoseconds / 1_000)u")
      }
      return headers
    }
  }

  /// What is still to be answered.
  var open: [LoadDriver.Open] { calls.compactMap(\.open) }

  /// Sends calls as long as there are some and there is room.
  func fill() {
    let now = LoadDriver.now()
    while startOne(now) {}
    flushIfNeeded()
  }

  /// Sends the next call, if there is one and room for it.
  func startOne(_ now: UInt64) -> Bool {
    guard openCount < min(inFlight, session.streamsMax), context != nil,
      let (call, intended) = driver.next(now)
    else { return false }
    do throws(SessionError) {
      let stream = try session.submitRequest(
        headers[call.tag.method], body: call.body, endStream: true)
      while calls.count <= stream.slot { calls.append(Call()) }
      calls[stream.slot].open = LoadDriver.Open(tag: call.tag, intended: intended)
      calls[stream.slot].status = nil
      openCount += 1
      isDirty = true
      return true
    } catch {
      driver.fail("a call could not be sent: \(error)")
      return false
    }
  }

  func flushIfNeeded() {
    if isDirty, let context { flush(context) }
  }

  func close() {
    isClosing = true
    context?.close(promise: nil)
  }

  // MARK: Channel

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    flush(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    let bytes = buffer.readableBytesUInt8Span
    do throws(SessionError) {
      try session.receive(bytes, events: &events)
    } catch {
      return driver.fail("the server broke HTTP/2: \(error)")
    }
    handleEvents(bytes)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    fill()
    flush(context)
    driver.settle(LoadDriver.now())
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    if !isClosing { driver.fail("the server closed a connection") }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    driver.fail("a connection failed: \(error)")
  }

  private func handleEvents(_ bytes: Span<UInt8>) {
    let now = LoadDriver.now()
    for event in events {
      switch event {
      case .headers(let stream, let block, _): read(block, of: stream.slot)
      case .data(let stream, let range, _):
        session.consume(stream, bytes: range.count)
        guard driver.readsAnswers else { continue }
        for index in range { calls[stream.slot].body.append(bytes[index]) }
      case .closed(let stream, _): finish(stream.slot, now)
      case .goAway: driver.fail("the server takes no more calls")
      case .pong, .settings, .writable: break
      }
    }
    events.removeAll(keepingCapacity: true)
  }

  // New calls come later: they may take the slots of calls whose events are still to come.
  private func finish(_ slot: Int, _ now: UInt64) {
    guard let open = calls[slot].open else { return }
    let status = calls[slot].status
    calls[slot].open = nil
    var body: [UInt8] = []
    swap(&body, &calls[slot].body)
    driver.answered(open, status: status, body: body.span, at: now)
    if status != 0 { driver.noteError("no status") }
    body.removeAll(keepingCapacity: true)
    swap(&body, &calls[slot].body)
    openCount -= 1
  }

  private func read(_ block: HeaderBlock, of slot: Int) {
    var status: Int?
    block.visit { name, value in
      guard name.count == 11, name[0] == UInt8(ascii: "g") else { return true }  // grpc-status
      status = value.indices.reduce(0) { $0 * 10 + Int(value[$1] & 15) }
      return false
    }
    guard let status else { return }
    calls[slot].status = status
    if status != 0 { driver.noteError(Self.text(block)) }
  }

  private static func text(_ block: HeaderBlock) -> String {
    var parts: [String] = []
    block.visit { name, value in
      guard name.count >= 11, name[0] == UInt8(ascii: "g"), parts.count < 2 else { return true }
      parts.append(String(decoding: value.indices.map { value[$0] }, as: UTF8.self))
      return true
    }
    return "status " + parts.joined(separator: ": ")
  }

  private func flush(_ context: ChannelHandlerContext) {
    isDirty = false
    repeat {
      var buffer = context.channel.allocator.buffer(capacity: 16 * 1_024)
      do throws(SessionError) {
        try session.send(events: &events) { bytes in _ = unsafe buffer.writeBytes(bytes.bytes) }
      } catch {
        return driver.fail("a connection failed: \(error)")
      }
      handleEvents(Self.nothing.span)
      // A call may have ended by being sent.
      let now = LoadDriver.now()
      while startOne(now) {}
      if buffer.readableBytes > 0 { context.writeAndFlush(NIOAny(buffer), promise: nil) }
    } while session.wantsToSend && !isClosing
  }

  private static let nothing: [UInt8] = []
}
