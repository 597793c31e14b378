internal import NIOCore
package import Protobuf

/// The way back of one unary call whose handler does not wait for it. To be used once, from any thread; a call that nobody answers
/// stays open until its deadline.
package struct Answer<R: Message>: Sendable {
  private enum Way: Sendable {
    case call(NIOLoopBound<ServerCall>, LoopExecutor)
    case handler(@Sendable (Result<R, RPCError>) -> Void)
  }

  private let way: Way

  init(to call: NIOLoopBound<ServerCall>, _ executor: LoopExecutor) {
    way = .call(call, executor)
  }

  /// - Parameter handler: waits for the response in the call's place.
  init(to handler: @escaping @Sendable (Result<R, RPCError>) -> Void) {
    way = .handler(handler)
  }

  /// Answers with what `make` makes. It is called on the call's loop, whose time it takes instead of the caller's.
  package func callAsFunction(_ make: @escaping @Sendable () throws(RPCError) -> R) {
    switch way {
    case .call(let call, let executor):
      guard executor.eventLoop.inEventLoop else {
        return executor.submit { call.value.complete(Self.message(make)) }
      }
      call.value.complete(Self.message(make))
    case .handler(let handler): handler(Result(catching: make))
    }
  }

  private static func message(_ make: () throws(RPCError) -> R) -> Result<[UInt8]?, RPCError> {
    do throws(RPCError) {
      return .success(MessageFrame.encode(try make()))
    } catch {
      return .failure(error)
    }
  }
}
