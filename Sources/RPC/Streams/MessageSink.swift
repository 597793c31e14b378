internal import NIOCore

/// The way from any task to a call's output.
final class MessageSink<Call: WritableCall & SendableMetatype>: Sendable {
  private let call: NIOLoopBound<Call>
  private let executor: LoopExecutor

  init(call: NIOLoopBound<Call>, executor: LoopExecutor) {
    self.call = call
    self.executor = executor
  }

  /// Where the call lives.
  var loop: CallLoop { CallLoop(executor) }

  /// Queues the bytes of one message, if there is room and nobody waits for it. To be called on the call's loop.
  func writeNow(_ bytes: [UInt8]) -> Bool {
    call.value.write(bytes, []) == .written
  }

  /// Queues the bytes of one message; waits while the queue is full.
  func write(_ first: [UInt8], _ second: [UInt8] = []) async throws(RPCError) {
    if executor.eventLoop.inEventLoop, !Task.isCancelled {
      switch call.value.write(first, second) {
      case .written: return
      case .gone: throw .callIsOver
      case .full: break
      }
    }
    if await !wait(first, second) { throw .callIsOver }
  }

  private func wait(_ first: [UInt8], _ second: [UInt8]) async -> Bool {
    let ticket = WaitTicket()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        executor.submit { [call] in
          call.value.write(first, second, ticket, continuation)
        }
      }
    } onCancel: {
      // The mark counts if the cancellation comes before the wait, the call to `abandonWrite` if it comes after.
      ticket.cancel()
      executor.submit { [call] in call.value.abandonWrite(ticket) }
    }
  }
}

extension RPCError {
  /// What writers and readers of a call get that has ended.
  static let callIsOver = RPCError(code: .cancelled, message: "the call is over")
}
