/// What a handler says about its answer besides messages: metadata, and whether to compress. Use it from any task; what
/// comes before a message in the handler takes effect before it.
package struct ReplyOptions: Sendable {
  private let call: CallHandle?

  /// - Parameter call: nil: without effect, for a context outside of a call.
  init(_ call: CallHandle? = nil) {
    self.call = call
  }

  /// Sends `metadata` with the headers, if those have not gone out with the first message.
  package func setInitialMetadata(_ metadata: Metadata) {
    change { $0.answer.initialMetadata = metadata }
  }

  /// Sends `metadata` behind the last message, beside the status.
  package func setTrailingMetadata(_ metadata: Metadata) {
    change { $0.answer.trailingMetadata = metadata }
  }

  /// Compresses the messages from here on, or stops to, if the client takes it; to be said before the first one.
  package func compress(_ isOn: Bool) {
    change { $0.answer.compresses = isOn }
  }

  /// Says in the headers that single messages may be compressed, and compresses none: a ``SharedMessage`` is so already. To
  /// be said before the first one.
  package func announceGzip() {
    change { $0.answer.compresses = false }
  }

  /// Ends the call with `error`, whatever its handler does, and cancels the handler.
  package func end(_ error: RPCError) {
    change { $0.end(with: error) }
  }

  private func change(_ body: @escaping @Sendable (ServerCall) -> Void) {
    // The way that messages take, so that the order stays.
    call?.onLoop(body)
  }
}
