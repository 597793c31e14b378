internal import HTTP2

/// What a server reads from the header fields of a request.
struct RequestHead {
  /// What kind of request it is.
  enum Kind: Equatable {
    case call
    /// Plain HTTP, to be answered with this status.
    case http(status: Int, hasBody: Bool)
  }

  private(set) var kind = Kind.call
  private(set) var timeout: Duration?
  /// Messages of the request may be compressed by gzip.
  private(set) var isGzip = false
  /// The answer's messages may be.
  private(set) var acceptsGzip = false
  private(set) var fault: TransportFault?
  /// The number of the path in the table; nil: unknown.
  private(set) var method: Int?

  init(_ block: HeaderBlock, methodAt find: (Span<UInt8>) -> Int?) {
    var (isPost, isGet, isHead, isGRPC) = (false, false, false, false)
    block.visit { name, value in
      switch name.count {
      case 5 where name.equals(":path"): method = find(value)
      case 7 where name.equals(":method"):
        isPost = value.equals("POST")
        isGet = value.equals("GET")
        isHead = value.equals("HEAD")
      case 12 where name.equals("content-type"): isGRPC = Self.isGRPC(value)
      case 12 where name.equals("grpc-timeout"):
        timeout = Timeout.parse(value)
        if timeout == nil { fault = .malformedTimeout }
      case 13 where name.equals("grpc-encoding"):
        isGzip = value.equals("gzip")
        if !isGzip, !value.equals("identity") { fault = .unsupportedEncoding(String(bytes: value)) }
      case 20 where name.equals("grpc-accept-encoding"):
        acceptsGzip = value.lists("gzip")
      default: break
      }
      return true
    }
    if !isPost {
      kind = .http(status: isGet || isHead ? 200 : 405, hasBody: !isHead)
    } else if !isGRPC {
      kind = .http(status: 415, hasBody: true)
    }
  }

  /// `application/grpc`, `application/grpc+proto`, each with or without parameters.
  private static func isGRPC(_ value: Span<UInt8>) -> Bool {
    let base = "application/grpc" as StaticString
    guard value.starts(with: base) else { return false }
    let rest = value.extracting(droppingFirst: base.utf8CodeUnitCount)
    if rest.count == 0 || rest[0] == UInt8(ascii: ";") { return true }
    let proto = "+proto" as StaticString
    guard rest.starts(with: proto) else { return false }
    return rest.count == proto.utf8CodeUnitCount
      || rest[proto.utf8CodeUnitCount] == UInt8(ascii: ";")
  }
}
