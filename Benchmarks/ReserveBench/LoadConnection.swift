import HTTP2
import NIOCore

/// One connection that keeps a number of unary calls in flight: as each is answered the next one goes out.
///
/// It stands on HTTP2 alone, without tasks or messages, because what the generator costs is taken from the server beside
/// it. It never leaves its loop.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// What became of all calls.
  struct Result: Sendable {
    var latencies: [Duration] = []
    /// Calls whose status was another than OK, or that ended without one.
    var failures = 0
  }

  private struct Call {
    var start: ContinuousClock.Instant
    var isOK = false
  }

  private let headers: HeaderBlock
  private let makeBody: () -> [UInt8]
  private let promise: EventLoopPromise<Result>
  private let clock = ContinuousClock()
  private var session: Session
  private var events: [Event] = []
  private var calls: [Call] = []
  private var unsent: Int
  private var unanswered: Int
  private let inFlight: Int
  private var result = Result()

  /// - Parameters:
  ///   - token: sent with every call; nil: none.
  ///   - count: calls in all.
  ///   - inFlight: calls at once; at most what the server lets one connection have open.
  ///   - makeBody: a call's body, its length prefix included.
  init(
    path: String, token: String?, count: Int, inFlight: Int, promise: EventLoopPromise<Result>,
    makeBody: @escaping () -> [UInt8]
  ) throws {
    session = try Session(.client)
    var headers = HeaderBlock()
    headers.append(":method", "POST")
    headers.append(":scheme", "http")
    headers.append(":path", path)
    headers.append(":authority", "localhost")
    headers.append("content-type", "application/grpc")
    headers.append("te", "trailers")
    if let token { headers.append("authorization", "Bearer \(token)") }
    self.headers = headers
    self.makeBody = makeBody
    self.promise = promise
    self.inFlight = inFlight
    (unsent, unanswered) = (count, count)
    result.latencies.reserveCapacity(count)
  }

  func channelActive(context: ChannelHandlerContext) {
    for _ in 0..<inFlight { start() }
    flush(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    do {
      try session.receive(buffer.readableBytesUInt8Span, events: &events)
    } catch {
      return fail(context, error)
    }
    handleEvents()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(ChannelError.eof)  // Without effect once the result is out.
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(context, error)
  }

  private func start() {
    guard unsent > 0 else { return }
    unsent -= 1
    do {
      let stream = try session.submitRequest(headers, body: makeBody(), endStream: true)
      let call = Call(start: clock.now)
      if stream.slot < calls.count { calls[stream.slot] = call } else { calls.append(call) }
    } catch {
      promise.fail(error)
    }
  }

  private func handleEvents() {
    var finished = 0
    for event in events {
      switch event {
      case .headers(let stream, let block, _):
        if Self.isOK(block) { calls[stream.slot].isOK = true }
      case .data(let stream, let range, _): session.consume(stream, bytes: range.count)
      case .closed(let stream, _):
        finish(calls[stream.slot])
        finished += 1
      case .goAway, .pong, .settings, .writable: break
      }
    }
    events.removeAll(keepingCapacity: true)
    // Not before: a new call may take the slot of one whose events are still to come.
    for _ in 0..<finished { start() }
  }

  private func finish(_ call: Call) {
    result.latencies.append(clock.now - call.start)
    if !call.isOK { result.failures += 1 }
    unanswered -= 1
  }

  private static func isOK(_ block: HeaderBlock) -> Bool {
    var isOK = false
    block.visit { name, value in
      if name.count == 11, name[0] == UInt8(ascii: "g") {  // grpc-status
        isOK = value.count == 1 && value[0] == UInt8(ascii: "0")
      }
      return !isOK
    }
    return isOK
  }

  private func flush(_ context: ChannelHandlerContext) {
    var buffer = context.channel.allocator.buffer(capacity: 16 * 1_024)
    do {
      try session.send(events: &events) { bytes in _ = unsafe buffer.writeBytes(bytes.bytes) }
    } catch {
      return fail(context, error)
    }
    handleEvents()
    if buffer.readableBytes > 0 { context.writeAndFlush(NIOAny(buffer), promise: nil) }
    if session.wantsToSend { return flush(context) }
    if unanswered == 0 {
      promise.succeed(result)
      context.close(promise: nil)
    }
  }

  private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }
}
