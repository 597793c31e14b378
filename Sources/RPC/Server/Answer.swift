package import Protobuf

/// The way back of one unary call whose handler does not wait for it. To be used once, from any thread; a call that nobody answers
/// stays open until its deadline.
package struct Answer<R: Message>: Sendable {
  private enum Way: Sendable {
    case call(CallHandle)
    case handler(@Sendable (Result<[UInt8], RPCError>) -> Void)
  }

  private let way: Way

  init(to call: CallHandle) {
    way = .call(call)
  }

  /// - Parameter handler: waits for the response, with its prefix, in the call's place.
  init(to handler: @escaping @Sendable (Result<[UInt8], RPCError>) -> Void) {
    way = .handler(handler)
  }

  /// Answers with what `make` makes. It is called on the call's loop, whose time it takes instead of the caller's.
  package func callAsFunction(_ make: @escaping @Sendable () throws(RPCError) -> R) {
    switch way {
    case .call(let call): call.onLoop { $0.complete(Self.message(make)) }
    case .handler(let handler): handler(Result(catching: make).map { MessageFrame.encode($0) })
    }
  }

  /// Answers with a response that is in wire form already.
  package func callAsFunction(_ message: EncodedMessage) {
    switch way {
    case .call(let call): call.onLoop { $0.complete(.success(message.frame)) }
    case .handler(let handler): handler(.success(message.frame))
    }
  }

  /// Runs `body` on the call's loop, whose time it takes instead of the caller's: at once where that is where it comes from.
  package func onLoop(_ body: @escaping @Sendable () -> Void) {
    guard case .call(let call) = way else { return body() }
    call.onLoop { _ in body() }
  }

  private static func message(_ make: () throws(RPCError) -> R) -> Result<[UInt8]?, RPCError> {
    do throws(RPCError) {
      return .success(MessageFrame.encode(try make()))
    } catch {
      return .failure(error)
    }
  }
}
