internal import HTTP2

/// Answers to those who do not speak gRPC: a person sees why, a tool sees a live server.
enum PlainHTTP {
  static let text = Array("This is a gRPC server.\n".utf8)

  static func headers(status: Int) -> HeaderBlock {
    var block = HeaderBlock()
    block.append(":status", "\(status)")
    block.append("content-type", "text/plain")
    block.append("content-length", "\(text.count)")
    return block
  }
}
