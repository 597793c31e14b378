internal import HTTP2

/// What a handler has said about its answer besides messages, and what follows from it for the wire. A value without I/O.
struct AnswerOptions {
  /// The client takes gzip.
  var acceptsGzip = false
  /// Whether messages go out compressed from here on; nil: nobody has asked.
  var compresses: Bool?
  var initialMetadata = Metadata()
  var trailingMetadata = Metadata()
  /// The headers that went out say that messages may be compressed.
  private(set) var isGzip = false

  /// The headers of the answer, which go out now.
  mutating func headers() -> Headers {
    isGzip = acceptsGzip && compresses != nil
    return StatusTrailers.headers(isGzip: isGzip, initialMetadata)
  }

  /// The only message of an answer, with its prefix.
  func framed(_ message: [UInt8]) -> [UInt8] {
    isGzip && compresses == true && !message.isEmpty ? MessageFrame.compress(message, []) : message
  }

  /// What ends an answer that went well.
  func trailers() -> Headers {
    StatusTrailers.ok(trailingMetadata)
  }

  func adding(to error: RPCError) -> RPCError {
    guard trailingMetadata.bytes > 0 else { return error }
    var error = error
    error.metadata.append(trailingMetadata)
    return error
  }
}
