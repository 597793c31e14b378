package import Protobuf

/// The responses of a server-streaming call, in order. It has one reader.
///
/// What is not read stays bounded by the HTTP/2 window (256 KiB and one message). Dropping the stream, or cancelling the
/// task that reads it, resets the call.
package struct ResponseStream<Response: Message>: AsyncSequence, Sendable {
  package typealias Element = Response
  package typealias Failure = RPCError

  private let source: ResponseSource

  init(_ source: ResponseSource) {
    self.source = source
  }

  /// What the server sent with its headers; complete once a response has come.
  package var initialMetadata: Metadata {
    get async { await source.ticket.inspect { $0.initialMetadata } }
  }

  /// What the server sent behind its last response; complete once the stream has ended.
  package var trailingMetadata: Metadata {
    get async { await source.ticket.inspect { $0.trailingMetadata } }
  }

  /// Ends the call from this side.
  package func cancel() {
    source.ticket.cancel()
  }

  package func makeAsyncIterator() -> Iterator {
    Iterator(source: source)
  }

  /// Takes one response after another.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let source: ResponseSource
    private var batch: [WireMessage] = []
    /// Whether the last response had come compressed.
    package private(set) var wasCompressed = false
    private var index = 0

    fileprivate init(source: ResponseSource) {
      self.source = source
    }

    /// The next response; nil after the last one.
    ///
    /// - Throws: ``RPCError`` if the call fails or a response is malformed.
    package mutating func next() async throws(RPCError) -> Response? {
      if index == batch.count {
        guard let more = try await source.next() else { return nil }
        (batch, index) = (more, 0)
      }
      index += 1
      wasCompressed = batch[index - 1].isCompressed
      return try Client.decode(batch[index - 1], bytesMax: source.messageBytesMax)
    }
  }
}
