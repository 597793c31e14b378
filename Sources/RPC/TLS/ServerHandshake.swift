internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Keeps a server's connection waiting until the handshake is over, tells it who the peer is, and leaves the pipeline.
final class ServerHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let connection: ServerConnection
  private let timeout: TimeAmount
  private let log: ConnectionFaultLog
  private var deadline: Scheduled<Void>?
  private var isOver = false

  init(_ connection: ServerConnection, timeout: Duration, _ log: ConnectionFaultLog) {
    self.connection = connection
    self.timeout = .milliseconds(timeout.wholeMilliseconds)
    self.log = log
  }

  func channelActive(context: ChannelHandlerContext) {
    let loop = context.eventLoop.assumeIsolated()
    deadline = loop.scheduleTask(in: timeout) {
      self.fail(context, "the handshake took too long")
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard !isOver, case .handshakeCompleted(let name)? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    guard name == "h2" else { return fail(context, "it does not speak HTTP/2 (ALPN h2)") }
    end()
    // The handler in front of this one is there, or there would be no such event.
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    connection.identity = certificate.map { PeerIdentity($0) }
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(context, TLSErrorText.describe(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func fail(_ context: ChannelHandlerContext, _ fault: String) {
    guard !isOver else { return }
    end()
    log.report(fault, peer: context.remoteAddress?.endpoint ?? "")
    context.close(promise: nil)
  }

  private func end() {
    isOver = true
    deadline?.cancel()
    deadline = nil
  }
}
