internal import NIOCore
internal import Synchronization

/// The hold that a task has on a call of its client, from any thread.
final class CallTicket: Sendable {
  let connection: ClientLink
  private let call: NIOLoopBoundBox<ClientCall?>
  private let cancelled = Atomic(false)

  init(_ connection: ClientLink) {
    self.connection = connection
    call = .makeEmptyBox(valueType: ClientCall.self, eventLoop: connection.executor.eventLoop)
  }

  /// Starts a call; it is over at once if the task that wants it has been cancelled meanwhile.
  func start(_ request: ClientRequest, _ consumer: @escaping @Sendable () -> ClientCall.Consumer) {
    connection.executor.submit { [self] in
      let call = ClientCall(consumer(), on: connection.connection)
      self.call.value = call
      call.start(request)
      if cancelled.load(ordering: .acquiring) { call.cancel() }
    }
  }

  /// Starts a call whose requests follow, and answers the way for them.
  func open(_ request: ClientRequest) async -> MessageSink<ClientCall> {
    let executor = connection.executor
    let bound = await withCheckedContinuation {
      (continuation: CheckedContinuation<NIOLoopBound<ClientCall>, Never>) in
      executor.submit { [self] in
        let call = ClientCall(.stream, on: connection.connection)
        self.call.value = call
        call.start(request)
        if cancelled.load(ordering: .acquiring) { call.cancel() }
        continuation.resume(returning: NIOLoopBound(call, eventLoop: executor.eventLoop))
      }
    }
    return MessageSink(call: bound, executor: executor)
  }

  /// What `look` finds in the call.
  func inspect(_ look: @escaping @Sendable (ClientCall) -> Metadata) async -> Metadata {
    await withCheckedContinuation { continuation in
      connection.executor.submit { [self] in
        continuation.resume(returning: call.value.map(look) ?? Metadata())
      }
    }
  }

  /// There are no more requests.
  func finishRequests() {
    connection.executor.submit { [self] in call.value?.finishRequests() }
  }

  /// Cancels the call; more than once does nothing.
  func cancel() {
    cancelled.store(true, ordering: .releasing)
    connection.executor.submit { [self] in call.value?.cancel() }
  }

  /// The messages that have come since the last time, at least one, or how the call ended.
  func messages() async -> ClientCall.Batch {
    await withCheckedContinuation { (continuation: CheckedContinuation<ClientCall.Batch, Never>) in
      connection.executor.submit { [self] in
        guard let call = call.value else { return continuation.resume(returning: .end(.ok)) }
        call.demand(continuation)
      }
    }
  }
}
