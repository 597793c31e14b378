internal import HTTP2

/// What a client reads from the header fields of a response.
struct ResponseHead {
  private(set) var httpStatus = 0
  private(set) var isGRPC = false
  /// Whether the headers carry the call's status ("Trailers-Only").
  private(set) var hasStatus = false
  /// Messages may be compressed by gzip.
  private(set) var isGzip = false
  private var encoding: String?

  init(_ block: HeaderBlock) {
    block.visit { name, value in
      if name.equals(":status") {
        httpStatus = value.decimal ?? 0
      } else if name.equals("content-type") {
        isGRPC = value.starts(with: "application/grpc")
      } else if name.equals("grpc-status") {
        hasStatus = true
      } else if name.equals("grpc-encoding"), !value.equals("identity") {
        isGzip = value.equals("gzip")
        if !isGzip { encoding = String(bytes: value) }
      }
      return true
    }
  }

  /// Whether more headers follow (RFC 9110, section 15.2).
  var isInterim: Bool { (100..<200).contains(httpStatus) }

  /// Why this is no answer to a gRPC call; nil if it is one.
  var error: RPCError? {
    if httpStatus != 200 {
      return RPCError(
        code: StatusCode(httpStatus: httpStatus), message: "the server answered HTTP \(httpStatus)")
    }
    if !isGRPC { return RPCError(code: .unknown, message: "the server does not speak gRPC") }
    if let encoding {
      return RPCError(code: .internal, message: "the server compresses by \(encoding), unasked")
    }
    return nil
  }
}
