package import Protobuf

/// Sends the responses of a server-streaming or bidirectional call, one after another. Use it from any task.
package struct ResponseWriter<Response: Message>: Sendable {
  private let sink: MessageSink<ServerCall>

  init(sink: MessageSink<ServerCall>) {
    self.sink = sink
  }

  /// Sends one message; waits while the peer does not read and the call's buffer (64 KiB) is full.
  ///
  /// - Throws: ``RPCError`` with ``StatusCode/cancelled`` once the call is gone: the peer has cancelled or left, or the
  ///   deadline has passed.
  package func send(_ message: Response) async throws(RPCError) {
    try await sink.write(MessageFrame.encode(message))
  }

  /// Sends one message that is encoded already, so that many calls can share the bytes.
  package func sendEncoded(_ message: [UInt8]) async throws(RPCError) {
    try await sink.write(MessageFrame.prefix(length: message.count), message)
  }

  /// Sends one message that many calls share, compressed where it is worth it and `takesGzip` says so: a handler says that
  /// of a caller that takes gzip (``CallContext/acceptsGzip``) after ``ReplyOptions/announceGzip()``.
  package func send(_ message: SharedMessage, takesGzip: Bool) async throws(RPCError) {
    try await sink.write(message.frame(isCompressed: takesGzip))
  }

  /// Where the call lives: what is to be said to many calls is said fastest there, for all of a loop at once.
  package var loop: CallLoop { sink.loop }

  /// Sends one message like ``send(_:takesGzip:)``, if it can without waiting. To be called on ``loop`` only.
  ///
  /// - Returns: false where the call is gone, or its peer does not read; nothing was sent then.
  package func sendNow(_ message: SharedMessage, takesGzip: Bool) -> Bool {
    sink.writeNow(message.frame(isCompressed: takesGzip))
  }
}
