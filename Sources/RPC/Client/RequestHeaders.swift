internal import HTTP2

/// The header fields of a call.
enum RequestHeaders {
  static func block(
    path: String, scheme: String = "http", authority: String, userAgent: String, metadata: Metadata,
    timeout: Duration?, compresses: Bool = false
  ) -> HeaderBlock {
    var block = HeaderBlock(reserving: 256)
    block.append(":method", "POST")
    block.append(":scheme", scheme)
    block.append(":path", path)
    block.append(":authority", authority)
    block.append("te", "trailers")
    if metadata["content-type"] == nil { block.append("content-type", "application/grpc") }
    block.append("grpc-accept-encoding", "identity,gzip")
    if compresses { block.append("grpc-encoding", "gzip") }
    block.append("user-agent", userAgent)
    if let timeout { block.append("grpc-timeout", Timeout.format(timeout)) }
    for (name, value) in metadata.fields { block.append(name, value) }
    return block
  }
}
