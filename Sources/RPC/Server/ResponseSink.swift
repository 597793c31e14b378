internal import NIOCore

/// The way from any task to a call's output.
final class ResponseSink: Sendable {
  private let call: NIOLoopBound<ServerCall>
  private let executor: LoopExecutor

  init(call: ServerCall, executor: LoopExecutor) {
    self.call = NIOLoopBound(call, eventLoop: executor.eventLoop)
    self.executor = executor
  }

  /// Queues the bytes of one message; waits while the queue is full.
  func write(_ first: [UInt8], _ second: [UInt8] = []) async throws(RPCError) {
    if executor.eventLoop.inEventLoop, !Task.isCancelled {
      switch call.value.write(first, second) {
      case .written: return
      case .gone: throw Self.gone
      case .full: break
      }
    }
    if await !wait(first, second) { throw Self.gone }
  }

  private static let gone = RPCError(code: .cancelled, message: "the call is over")

  private func wait(_ first: [UInt8], _ second: [UInt8]) async -> Bool {
    let ticket = WriteTicket()
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
