import HTTP2
import NIOCore

/// One connection with one watch on it. It counts what comes and says so; it never leaves its loop.
final class WatchConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let headers: HeaderBlock
  private let body: [UInt8]
  /// Called for each burst of bytes of the stream.
  private let onMessage: (Span<UInt8>) -> Void
  private let onEnd: () -> Void
  private var session: Session
  private var events: [Event] = []

  init(
    path: String, body: [UInt8], onMessage: @escaping (Span<UInt8>) -> Void,
    onEnd: @escaping () -> Void
  ) throws {
    session = try Session(.client)
    var headers = HeaderBlock()
    headers.append(":method", "POST")
    headers.append(":scheme", "http")
    headers.append(":path", path)
    headers.append(":authority", "localhost")
    headers.append("content-type", "application/grpc")
    headers.append("te", "trailers")
    if let value = Bearer.value { headers.append("authorization", value) }
    self.headers = headers
    self.body = body
    self.onMessage = onMessage
    self.onEnd = onEnd
  }

  func channelActive(context: ChannelHandlerContext) {
    do {
      _ = try session.submitRequest(headers, body: body, endStream: true)
    } catch {
      return onEnd()
    }
    flush(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    do {
      try session.receive(buffer.readableBytesUInt8Span, events: &events)
    } catch {
      return onEnd()
    }
    for event in events {
      switch event {
      case .data(let stream, let range, _):
        session.consume(stream, bytes: range.count)
        onMessage(buffer.readableBytesUInt8Span.extracting(range))
      case .closed: onEnd()
      case .headers, .goAway, .pong, .settings, .writable: break
      }
    }
    events.removeAll(keepingCapacity: true)
    flush(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    onEnd()
  }

  private func flush(_ context: ChannelHandlerContext) {
    var buffer = context.channel.allocator.buffer(capacity: 256)
    // What cannot be sent shows as a connection that ends.
    try? session.send(events: &events) { bytes in _ = unsafe buffer.writeBytes(bytes.bytes) }
    events.removeAll(keepingCapacity: true)
    if buffer.readableBytes > 0 { context.writeAndFlush(NIOAny(buffer), promise: nil) }
  }
}
