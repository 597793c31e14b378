import HTTP2
import NIOCore

/// One connection of an open load: it sends what it is told to, and says what became of it. It never leaves its loop.
final class OpenConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// What a call ended with.
  enum End {
    case answered, refused, late, other
  }

  private struct Call {
    var intended: ContinuousClock.Instant
    var end = End.other
  }

  /// Deadlines are told in steps, so that headers can be kept.
  private static let stepMilliseconds = 10

  /// As many as the server lets one connection have open.
  private let inFlightMax: Int
  private let headers: HeaderBlock
  private var timed: [Int: HeaderBlock] = [:]
  private let finished: (End, ContinuousClock.Instant) -> Void
  private var session: Session
  private var events: [Event] = []
  private var calls: [Call] = []
  private var context: ChannelHandlerContext?
  private(set) var inFlight = 0
  /// What went wrong with the connection itself.
  private(set) var failure: (any Error)?

  init(
    path: String, token: String?, inFlightMax: Int,
    finished: @escaping (End, ContinuousClock.Instant) -> Void
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
    self.finished = finished
    self.inFlightMax = inFlightMax
  }

  var hasRoom: Bool {
    inFlight < inFlightMax && failure == nil && context?.channel.isWritable == true
  }

  /// Sends a call that its caller waits for so long from now.
  func send(_ body: [UInt8], intended: ContinuousClock.Instant, milliseconds: Int) {
    do {
      let stream = try session.submitRequest(block(milliseconds), body: body, endStream: true)
      let call = Call(intended: intended)
      if stream.slot < calls.count { calls[stream.slot] = call } else { calls.append(call) }
      inFlight += 1
    } catch {
      failure = error
    }
  }

  private func block(_ milliseconds: Int) -> HeaderBlock {
    let steps = max(1, milliseconds / Self.stepMilliseconds)
    if let known = timed[steps] { return known }
    var block = headers
    block.append("grpc-timeout", "\(steps * Self.stepMilliseconds)m")
    timed[steps] = block
    return block
  }

  /// Writes what was sent.
  func flush() {
    guard let context, failure == nil else { return }
    var buffer = context.channel.allocator.buffer(capacity: 16 * 1_024)
    do {
      try session.send(events: &events) { bytes in _ = unsafe buffer.writeBytes(bytes.bytes) }
    } catch {
      failure = error
    }
    handleEvents()
    if buffer.readableBytes > 0 { context.writeAndFlush(NIOAny(buffer), promise: nil) }
  }

  func close() { context?.close(promise: nil) }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    flush()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    if failure == nil { failure = ChannelError.eof }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = error
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    do {
      try session.receive(buffer.readableBytesUInt8Span, events: &events)
    } catch {
      failure = error
    }
    handleEvents()
  }

  func channelReadComplete(context: ChannelHandlerContext) { flush() }

  private func handleEvents() {
    for event in events {
      switch event {
      case .headers(let stream, let block, _):
        if let end = Self.end(block) { calls[stream.slot].end = end }
      case .data(let stream, let range, _): session.consume(stream, bytes: range.count)
      case .closed(let stream, _):
        inFlight -= 1
        finished(calls[stream.slot].end, calls[stream.slot].intended)
      case .goAway, .pong, .settings, .writable: break
      }
    }
    events.removeAll(keepingCapacity: true)
  }

  private static func end(_ block: HeaderBlock) -> End? {
    var end: End?
    block.visit { name, value in
      guard name.count == 11, name[0] == UInt8(ascii: "g") else { return true }  // grpc-status
      if value.count == 1, value[0] == UInt8(ascii: "0") {
        end = .answered
      } else if value.count == 1, value[0] == UInt8(ascii: "4") {
        end = .late
      } else if value.count == 2, value[0] == UInt8(ascii: "1"), value[1] == UInt8(ascii: "4") {
        end = .refused
      } else {
        end = .other
      }
      return false
    }
    return end
  }
}
