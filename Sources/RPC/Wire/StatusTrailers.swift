internal import HTTP2

/// A call's status as header fields, and back.
enum StatusTrailers {
  static let ok = PreparedHeaders([("grpc-status", "0")])
  static let responseHeaders = PreparedHeaders([
    (":status", "200"), ("content-type", "application/grpc"),
  ])
  static let gzipResponseHeaders = PreparedHeaders([
    (":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip"),
  ])

  /// The headers of an answer, with what the handler adds.
  static func headers(isGzip: Bool, _ metadata: Metadata) -> Headers {
    guard metadata.bytes > 0 else {
      return .prepared(isGzip ? gzipResponseHeaders : responseHeaders)
    }
    var block = HeaderBlock()
    block.append(":status", "200")
    block.append("content-type", "application/grpc")
    if isGzip { block.append("grpc-encoding", "gzip") }
    block.append(metadata.block)
    return .block(block)
  }

  /// What ends an answer that went well, with what the handler adds.
  static func ok(_ metadata: Metadata) -> Headers {
    guard metadata.bytes > 0 else { return .prepared(ok) }
    var block = HeaderBlock()
    block.append("grpc-status", "0")
    block.append(metadata.block)
    return .block(block)
  }

  /// The trailers of a failed call.
  static func block(_ error: RPCError) -> HeaderBlock {
    var block = HeaderBlock()
    append(error, to: &block)
    return block
  }

  /// An answer that is nothing but a status ("Trailers-Only").
  static func only(_ error: RPCError) -> HeaderBlock {
    var block = HeaderBlock()
    block.append(":status", "200")
    block.append("content-type", "application/grpc")
    append(error, to: &block)
    return block
  }

  private static func append(_ error: RPCError, to block: inout HeaderBlock) {
    block.append("grpc-status", "\(error.code.rawValue)")
    let message = PercentEncoding.encode(String(error.message.prefix(messageCharactersMax)))
    if !message.isEmpty { block.append("grpc-message", message) }
    if !error.details.isEmpty, error.details.count <= detailsBytesMax {
      block.append("grpc-status-details-bin", Base64.encode(error.details))
    }
    guard error.metadata.bytes <= Metadata.bytesMax else { return }
    // An error that came from another server brings that server's status along.
    for (name, value) in error.metadata.fields where !isOurs(name) { block.append(name, value) }
  }

  private static func isOurs(_ name: String) -> Bool {
    name.hasPrefix("grpc-status") || name == "grpc-message" || name == "content-type"
  }

  /// Peers refuse header lists above 8 or 16 KiB, and an error that does not arrive helps nobody.
  private static let messageCharactersMax = 1_024
  private static let detailsBytesMax = 6 * 1_024

  /// The outcome that trailers tell: nil for success, the error otherwise.
  static func outcome(_ block: HeaderBlock) -> RPCError? {
    var (code, message, details) = (StatusCode.unknown, "", [UInt8]())
    var found = false
    block.visit { name, value in
      if name.equals("grpc-status") {
        found = true
        code = value.decimal.flatMap(StatusCode.init(rawValue:)) ?? .unknown
      } else if name.equals("grpc-message") {
        message = PercentEncoding.decode(String(bytes: value))
      } else if name.equals("grpc-status-details-bin") {
        details = Base64.decode(value) ?? []
      }
      return true
    }
    if !found { return RPCError(code: .internal, message: "the answer has no status") }
    if code == .ok { return nil }
    return RPCError(
      code: code, message: message, details: details, metadata: Metadata(received: block))
  }
}
