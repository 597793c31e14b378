internal import NIOCore

/// Stops accepting while a server has as many connections as it may, and goes on when one has closed. Those that wait
/// meanwhile wait in the kernel, where they cost no descriptor.
///
/// It sits in the listener's pipeline. That a descriptor is missing all the same (EMFILE) is seen to by NIO's own
/// handler, which pauses for a second.
final class AcceptGate: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  private let connectionsMax: Int
  private var open = 0
  private var isWaiting = false

  init(connectionsMax: Int) {
    self.connectionsMax = connectionsMax
  }

  func read(context: ChannelHandlerContext) {
    guard open < connectionsMax else {
      isWaiting = true
      return
    }
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    open += 1
    let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
      let (gate, context) = gate.value
      gate.closed(context)
    }
    context.fireChannelRead(data)
  }

  private func closed(_ context: ChannelHandlerContext) {
    open -= 1
    guard isWaiting, open < connectionsMax, context.channel.isActive else { return }
    isWaiting = false
    context.read()
  }
}
