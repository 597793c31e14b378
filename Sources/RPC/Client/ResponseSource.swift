/// A streaming call whose reader may go away at any moment.
final class ResponseSource: Sendable {
  private let ticket: CallTicket

  init(_ ticket: CallTicket) {
    self.ticket = ticket
  }

  deinit {
    ticket.cancel()
  }

  func next() async throws(RPCError) -> [[UInt8]]? {
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
