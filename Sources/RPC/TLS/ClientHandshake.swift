internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Keeps a client's connection waiting until the handshake is over, says so, and leaves the pipeline.
final class ClientHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let over: EventLoopPromise<Void>
  private var deadline: Scheduled<Void>?
  private var isOver = false
  private let timeout: TimeAmount

  /// - Parameter over: Succeeds when the connection can be used; fails with ``TLSFailure``.
  init(timeout: Duration, _ over: EventLoopPromise<Void>) {
    self.timeout = .milliseconds(timeout.wholeMilliseconds)
    self.over = over
  }

  func channelActive(context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
      self.fail(context, "the handshake took too long")
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard !isOver, case .handshakeCompleted(let name)? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    guard name == "h2" else { return fail(context, "the server does not speak HTTP/2 (ALPN h2)") }
    end()
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
    over.succeed()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(context, TLSErrorText.describe(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isOver { fail(context, "the connection ended during the handshake") }
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    // A promise that nobody keeps would be waited for.
    if !isOver { fail(context, "the connection ended during the handshake") }
  }

  private func fail(_ context: ChannelHandlerContext, _ fault: String) {
    guard !isOver else { return }
    end()
    over.fail(TLSFailure(fault))
    context.close(promise: nil)
  }

  private func end() {
    isOver = true
    deadline?.cancel()
    deadline = nil
  }
}
