internal import NIOCore

/// A call for those who are not on its loop. One object for all of them.
final class CallHandle: Sendable {
  private let call: NIOLoopBound<ServerCall>
  private let executor: LoopExecutor

  init(_ call: NIOLoopBound<ServerCall>, _ executor: LoopExecutor) {
    (self.call, self.executor) = (call, executor)
  }

  /// Runs `body` on the call's loop, whose time it takes instead of the caller's: at once where that is where it comes from.
  func onLoop(_ body: @escaping @Sendable (ServerCall) -> Void) {
    guard !executor.eventLoop.inEventLoop else { return body(call.value) }
    executor.submit { body(self.call.value) }
  }
}
