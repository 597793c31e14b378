internal import NIOCore

/// The way from any task to the messages of a call's request stream.
final class RequestSource: Sendable {
  private let call: NIOLoopBound<ServerCall>
  private let executor: LoopExecutor
  private let messageBytesMax: Int

  init(call: NIOLoopBound<ServerCall>, executor: LoopExecutor, messageBytesMax: Int) {
    self.call = call
    self.messageBytesMax = messageBytesMax
    self.executor = executor
  }

  /// The next message; nil once the peer has sent all.
  func next() async throws(RPCError) -> WireMessage? {
    switch await take() {
    case .message(let message): return message
    case .end: return nil
    case .gone: throw .callIsOver
    }
  }

  /// The content of a message, by any task; what is none ends the call.
  func content(of message: WireMessage) throws(RPCError) -> [UInt8] {
    do throws(MessageReader.Fault) {
      return try message.content(bytesMax: messageBytesMax)
    } catch {
      refuse(ServerStream.fault(error))
      throw ServerStream.fault(error).error
    }
  }

  /// Ends the call: what it sent is no message of its type.
  func refuse(_ fault: TransportFault) {
    executor.submit { [call] in call.value.fail(fault) }
  }

  private func take() async -> RequestInbox.Next {
    if executor.eventLoop.inEventLoop, !Task.isCancelled, let next = call.value.takeRequest() {
      return next
    }
    let ticket = WaitTicket()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        executor.submit { [call] in call.value.awaitRequest(ticket, continuation) }
      }
    } onCancel: {
      // The mark counts if the cancellation comes before the wait, the call to `abandonRead` if it comes after.
      ticket.cancel()
      executor.submit { [call] in call.value.abandonRead(ticket) }
    }
  }
}
