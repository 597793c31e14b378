/// A streaming call whose reader may go away at any moment.
final class ResponseSource: Sendable {
  let ticket: CallTicket
  let messageBytesMax: Int

  init(_ ticket: CallTicket, messageBytesMax: Int) {
    self.ticket = ticket
    self.messageBytesMax = messageBytesMax
  }

  deinit {
    ticket.cancel()
  }

  func next() async throws(RPCError) -> [WireMessage]? {
    let batch = await withTaskCancellationHandler {
      await ticket.messages()
    } onCancel: {
      ticket.cancel()
    }
    switch batch {
    case .messages(let messages): return messages
    case .end(.ok): return nil
    case .end(.failed(let error, _)): throw error
    }
  }
}
