import HTTP2
import Testing

@testable import RPC

@Suite("The client's side of a stream")
struct ClientStreamTests {
  private static func block(_ fields: [(String, String)]) -> HeaderBlock {
    var block = HeaderBlock()
    for (name, value) in fields { block.append(name, value) }
    return block
  }

  private static let headers = block([(":status", "200"), ("content-type", "application/grpc")])
  private static let ok = block([("grpc-status", "0")])
  private static let message: [UInt8] = [0, 0, 0, 0, 1, 5]

  private func code(_ ending: ClientStream.Ending?) -> StatusCode? {
    switch ending {
    case nil: nil
    case .ok: .ok
    case .failed(let error, _): error.code
    }
  }

  @Test func aCallSucceeds() {
    var machine = ClientStream(messageBytesMax: 10)
    var messages: [[UInt8]] = []
    #expect(machine.received(Self.block([(":status", "103")]), endStream: false) == nil)
    #expect(machine.received(Self.headers, endStream: false) == nil)
    #expect(machine.received(Self.message, endStream: false, messages: &messages) == nil)
    #expect(machine.received(Self.ok, endStream: true) == .ok)
    #expect(messages == [[5]])
    #expect(machine.closed(.noError) == nil)
  }

  @Test(arguments: [
    ([(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5")], .notFound),
    ([(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "99")], .unknown),
    ([(":status", "200"), ("content-type", "application/grpc")], .internal),
    ([(":status", "503")], .unavailable), ([(":status", "404")], .unimplemented),
    ([(":status", "401")], .unauthenticated), ([(":status", "200")], .unknown),
    ([(":status", "200"), ("content-type", "text/html")], StatusCode.unknown),
  ])
  func answersWithoutABodyAreJudged(fields: [(String, String)], expected: StatusCode) {
    var machine = ClientStream(messageBytesMax: 10)
    #expect(code(machine.received(Self.block(fields), endStream: true)) == expected)
  }

  @Test func brokenAnswersAreNamed() {
    let cases: [(body: [UInt8], code: StatusCode)] = [
      ([0, 0, 0, 0, 11], .resourceExhausted), ([1, 0, 0, 0, 0], .internal),
      ([7, 0, 0, 0, 0], .internal),
    ]
    for (body, expected) in cases {
      var machine = ClientStream(messageBytesMax: 10)
      var messages: [[UInt8]] = []
      _ = machine.received(Self.headers, endStream: false)
      #expect(code(machine.received(body, endStream: false, messages: &messages)) == expected)
      #expect(machine.isEnded)
      #expect(machine.received(Self.ok, endStream: true) == nil)
    }
  }

  @Test func breakingOffIsNoSuccess() {
    var machine = ClientStream(messageBytesMax: 10)
    var messages: [[UInt8]] = []
    _ = machine.received(Self.headers, endStream: false)
    _ = machine.received([0, 0, 0], endStream: false, messages: &messages)
    #expect(code(machine.received(Self.ok, endStream: true)) == .internal)
    var other = ClientStream(messageBytesMax: 10)
    _ = other.received(Self.headers, endStream: false)
    #expect(code(other.received([], endStream: true, messages: &messages)) == .internal)
  }

  @Test(arguments: [
    (ErrorCode.refusedStream, StatusCode.unavailable, true), (.cancel, .cancelled, false),
    (.enhanceYourCalm, .resourceExhausted, false), (.inadequateSecurity, .permissionDenied, false),
    (.protocolError, .internal, false), (.noError, .internal, false),
  ])
  func resetsAreTranslated(reset: ErrorCode, expected: StatusCode, isUnprocessed: Bool) {
    var machine = ClientStream(messageBytesMax: 10)
    guard case .failed(let error, let unprocessed) = machine.closed(reset) else {
      Issue.record("a reset ends the call")
      return
    }
    #expect(error.code == expected && unprocessed == isUnprocessed)
    #expect(machine.failed(error) == nil)
  }
}
