package import CupoSchema
internal import RPC

/// The messages of a watch, in order. It has one reader; what is not read stays bounded.
package struct AvailabilityChanges: AsyncSequence, Sendable {
  package typealias Element = WatchAvailabilityResponse
  package typealias Failure = CupoError

  private let stream: ResponseStream<WatchAvailabilityResponse>

  init(_ stream: ResponseStream<WatchAvailabilityResponse>) {
    self.stream = stream
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(stream.makeAsyncIterator())
  }

  /// Takes one message after another.
  package struct Iterator: AsyncIteratorProtocol {
    private var messages: ResponseStream<WatchAvailabilityResponse>.Iterator

    fileprivate init(_ messages: ResponseStream<WatchAvailabilityResponse>.Iterator) {
      self.messages = messages
    }

    /// The next message; nil where the server ends the watch.
    package mutating func next() async throws(CupoError) -> WatchAvailabilityResponse? {
      do throws(RPCError) {
        return try await messages.next()
      } catch {
        throw CupoError(error)
      }
    }
  }
}
