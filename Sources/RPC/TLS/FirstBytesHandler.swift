internal import NIOCore

/// Looks at the first bytes that a peer sends, and leaves the pipeline; a peer that speaks something else is told so, as
/// far as that is possible, and the connection ends.
final class FirstBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What to do about first bytes that are wrong.
  struct Refusal {
    /// For the log of this side.
    let fault: String
    /// For the peer; may be empty.
    let answer: [UInt8]
  }

  private let judge: (Span<UInt8>) -> Refusal?
  private let report: (_ fault: String, _ peer: String) -> Void
  private var isRefusing = false

  init(
    judge: @escaping (Span<UInt8>) -> Refusal?, report: @escaping (String, String) -> Void
  ) {
    self.judge = judge
    self.report = report
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefusing else { return }
    let buffer = unwrapInboundIn(data)
    guard let refusal = judge(buffer.readableBytesUInt8Span) else {
      context.fireChannelRead(data)
      return context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
    isRefusing = true
    report(refusal.fault, context.remoteAddress?.endpoint ?? "")
    if !refusal.answer.isEmpty {
      let answer = context.channel.allocator.buffer(bytes: refusal.answer)
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
    context.close(promise: nil)
  }
}

extension FirstBytesHandler {
  /// In front of a server without TLS.
  static func serverWithoutTLS(_ log: ConnectionFaultLog) -> FirstBytesHandler {
    FirstBytesHandler(
      judge: { bytes in
        guard FirstBytes.isHandshake(bytes) else { return nil }
        return Refusal(fault: "it speaks TLS, and this port does not", answer: [])
      },
      report: { log.report($0, peer: $1) })
  }

  /// In front of a server with TLS.
  static func serverWithTLS(_ log: ConnectionFaultLog) -> FirstBytesHandler {
    FirstBytesHandler(
      judge: { bytes in
        if FirstBytes.isHandshake(bytes) { return nil }
        return Refusal(
          fault: "it does not speak TLS, and this port speaks nothing else",
          answer: FirstBytes.refusal)
      },
      report: { log.report($0, peer: $1) })
  }

  /// In front of a client without TLS.
  static func clientWithoutTLS(_ report: @escaping (String) -> Void) -> FirstBytesHandler {
    FirstBytesHandler(
      judge: { bytes in
        FirstBytes.faultOfServer(bytes).map { Refusal(fault: $0, answer: []) }
      },
      report: { fault, _ in report(fault) })
  }
}
