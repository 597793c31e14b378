package import Protobuf

/// The requests of a client-streaming or bidirectional call, in order. It has one reader, in any task.
///
/// What is not read stays bounded by the HTTP/2 window (256 KiB, and one message beyond it): the peer gets its window
/// back as the handler takes messages.
package struct RequestStream<Request: Message>: AsyncSequence, Sendable {
  package typealias Element = Request
  package typealias Failure = RPCError

  private let source: RequestSource

  init(_ source: RequestSource) {
    self.source = source
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(source: source)
  }

  /// Takes one request after another.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let source: RequestSource
    /// Whether the last request had come compressed.
    package private(set) var wasCompressed = false

    fileprivate init(source: RequestSource) {
      self.source = source
    }

    /// The next request; nil once the client has sent all.
    ///
    /// - Throws: ``RPCError`` with ``StatusCode/cancelled`` once the call is gone or this task cancelled, and for a
    ///   malformed request, which ends the call.
    package mutating func next() async throws(RPCError) -> Request? {
      guard let message = try await source.next() else { return nil }
      wasCompressed = message.isCompressed
      let bytes = try source.content(of: message)
      do throws(DecodingError) {
        return try Request(decoding: bytes.span)
      } catch {
        source.refuse(.malformedMessage(error))
        throw TransportFault.malformedMessage(error).error
      }
    }
  }
}
