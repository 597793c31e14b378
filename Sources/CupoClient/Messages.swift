package import Protobuf
internal import RPC

/// The messages of a watch, in order. It has one reader; what is not read stays bounded.
package struct Messages<M: Message>: AsyncSequence, Sendable {
  package typealias Element = M
  package typealias Failure = CupoError

  private let stream: ResponseStream<M>

  init(_ stream: ResponseStream<M>) {
    self.stream = stream
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(stream.makeAsyncIterator())
  }

  /// Takes one message after another.
  package struct Iterator: AsyncIteratorProtocol {
    private var messages: ResponseStream<M>.Iterator

    fileprivate init(_ messages: ResponseStream<M>.Iterator) {
      self.messages = messages
    }

    /// The next message; nil where the server ends the watch.
    package mutating func next() async throws(CupoError) -> M? {
      do throws(RPCError) {
        return try await messages.next()
      } catch {
        throw CupoError(error)
      }
    }
  }
}
