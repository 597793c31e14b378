import HTTP2
import Testing

@testable import RPC

@Suite("The head of a request")
struct RequestHeadTests {
  private func head(_ fields: [(String, String)]) -> RequestHead {
    var block = HeaderBlock()
    for (name, value) in fields { block.append(name, value) }
    return RequestHead(block) { $0.equals("/a/b") ? 7 : nil }
  }

  private static let call = [
    (":method", "POST"), (":path", "/a/b"), ("content-type", "application/grpc"),
  ]

  @Test func callsAreKnown() {
    let head = head(Self.call + [("grpc-timeout", "1S"), ("grpc-encoding", "identity")])
    #expect(head.kind == .call && head.method == 7)
    #expect(head.timeout == .seconds(1) && head.fault == nil)
  }

  @Test(arguments: [
    ("GET", "text/html", RequestHead.Kind.http(status: 200, hasBody: true)),
    ("GET", "application/grpc", .http(status: 200, hasBody: true)),
    ("HEAD", "", .http(status: 200, hasBody: false)),
    ("PUT", "application/grpc", .http(status: 405, hasBody: true)),
    ("POST", "application/json", .http(status: 415, hasBody: true)),
    ("POST", "", .http(status: 415, hasBody: true)),
    ("POST", "application/grpc-web", .http(status: 415, hasBody: true)),
    ("POST", "application/grpc+protobuf", .http(status: 415, hasBody: true)),
    ("POST", "application/grpc+proto", .call), ("POST", "application/grpc+proto;v=1", .call),
    ("POST", "application/grpc;v=1", .call),
  ])
  func kindsAreKnown(method: String, contentType: String, kind: RequestHead.Kind) {
    let head = head([(":method", method), (":path", "/a/b"), ("content-type", contentType)])
    #expect(head.kind == kind)
  }

  @Test func faultsAreNamed() {
    #expect(head(Self.call + [("grpc-timeout", "x")]).fault == .malformedTimeout)
    #expect(head(Self.call + [("grpc-encoding", "gzip")]).isGzip)
    #expect(head(Self.call + [("grpc-encoding", "br")]).fault == .unsupportedEncoding("br"))
    for list in ["gzip", "identity,gzip", "identity, deflate,  gzip"] {
      #expect(head(Self.call + [("grpc-accept-encoding", list)]).acceptsGzip)
    }
    for list in ["", "identity", "gzipped", "x-gzip"] {
      #expect(!head(Self.call + [("grpc-accept-encoding", list)]).acceptsGzip)
    }
    #expect(head([(":method", "POST"), (":path", "/a/c")]).method == nil)
  }
}
