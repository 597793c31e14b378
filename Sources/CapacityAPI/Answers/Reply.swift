internal import RPC

/// The way back of a call that does not wait in a task.
struct Reply: Sendable {
  private let loop: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let answer: @Sendable (Result<EncodedMessage, Refusal>) -> Void

  /// - Parameters:
  ///   - loop: runs something on the call's loop.
  ///   - answer: answers the call, once, from its loop.
  init(
    loop: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
    answer: @escaping @Sendable (Result<EncodedMessage, Refusal>) -> Void
  ) {
    self.loop = loop
    self.answer = answer
  }

  func onLoop(_ body: @escaping @Sendable () -> Void) { loop(body) }

  func callAsFunction(_ result: Result<EncodedMessage, Refusal>) { answer(result) }
}
