package import Protobuf

/// Sends the requests of a client-streaming or bidirectional call, one after another. Use it from any task.
package struct RequestWriter<Request: Message>: Sendable {
  private let sink: MessageSink<ClientCall>
  private let ticket: CallTicket
  private let compresses: Bool

  init(_ sink: MessageSink<ClientCall>, _ ticket: CallTicket, compresses: Bool) {
    self.sink = sink
    self.ticket = ticket
    self.compresses = compresses
  }

  /// Sends one message; waits while the server does not read and the call's buffer (64 KiB) is full.
  ///
  /// - Parameter compressed: nil: as the call was begun; only a call that was begun to compress can.
  /// - Throws: ``RPCError`` with ``StatusCode/cancelled`` once the call is over; the responses say why.
  package func send(_ message: Request, compressed: Bool? = nil) async throws(RPCError) {
    let bytes = MessageFrame.encode(message)
    let isCompressed = compresses && compressed ?? true
    try await sink.write(isCompressed ? MessageFrame.compress(bytes, []) : bytes)
  }

  /// Says that there are no more.
  package func finish() {
    ticket.finishRequests()
  }
}
