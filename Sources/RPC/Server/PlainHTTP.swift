internal import HTTP2

/// Answers to those who do not speak gRPC.
enum PlainHTTP {
  /// An answer without a body: a person sees the status, a tool sees a live server.
  static func answer(_ status: Int) -> HeaderBlock {
    var block = HeaderBlock()
    block.append(":status", "\(status)")
    block.append("content-length", "0")
    return block
  }
}
