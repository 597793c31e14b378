import HTTP2
import SeededRandom
import Testing

@Suite("Sessions under attack")
struct AttackTests {
  /// What a server says to `frames` behind a proper beginning; nil: the session gave up without a GOAWAY.
  private func verdict(
    _ frames: [UInt8], _ limits: SessionLimits = SessionLimits()
  ) throws -> (goAway: ErrorCode?, error: SessionError?, end: End.Stream?) {
    var server = try End(.server, limits)
    try server.receive(Frames.preface + Frames.settings + Frames.settingsAcknowledgement)
    _ = try server.output()
    do throws(SessionError) {
      try server.receive(frames)
    } catch {
      return (Frames.goAway(in: (try? server.output()) ?? []), error, nil)
    }
    return (Frames.goAway(in: try server.output()), nil, server.streams[1])
  }

  @Test func otherProtocolsAreRefused() throws {
    var server = try End(.server)
    let error = #expect(throws: SessionError.self) {
      try server.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    }
    #expect(error?.kind == .notHTTP2)
  }

  @Test func streamIdentifiersMayNotGoBackwards() throws {
    let frames = Frames.headers(stream: 5) + Frames.headers(stream: 3)
    #expect(try verdict(frames).goAway == .protocolError)
  }

  @Test func framesOnStreamsThatTheirPeerResetCostTheStreamOnly() throws {
    let frames =
      Frames.headers(stream: 1, endStream: false) + Frames.reset(stream: 1)
      + Frames.headers(stream: 3) + Frames.headers(stream: 1)
    #expect(try verdict(frames).goAway == nil)
  }

  @Test func streamsAboveTheLimitEndTheConnection() throws {
    var limits = SessionLimits()
    limits.concurrentStreamsMax = 4
    let fitting = (0..<4).flatMap { Frames.headers(stream: UInt32($0 * 2 + 1)) }
    #expect(try verdict(fitting, limits).goAway == nil)
    #expect(try verdict(fitting + Frames.headers(stream: 9), limits).goAway == .protocolError)
  }

  /// CVE-2023-44487.
  @Test func rapidResetsEndTheConnection() throws {
    var limits = SessionLimits()
    limits.resetBurst = 50
    limits.resetsPerSecond = 1
    func resets(_ count: Int) -> [UInt8] {
      (0..<count).flatMap { number -> [UInt8] in
        let stream = UInt32(number * 2 + 1)
        return Frames.headers(stream: stream) + Frames.reset(stream: stream)
      }
    }
    #expect(try verdict(resets(49), limits).goAway == nil)
    #expect(try verdict(resets(60), limits).goAway == .enhanceYourCalm)
  }

  /// CVE-2024-27316.
  @Test func continuationFloodsEndTheConnection() throws {
    let start = Frames.frame(1, flags: 1, stream: 1, Frames.request)
    let more = Frames.frame(9, stream: 1, Frames.fields([("x", "y")]))
    let last = Frames.frame(9, flags: 4, stream: 1)
    let few = start + more + last
    #expect(try verdict(few).end?.isEnded == true)
    let many = start + (0..<100).flatMap { _ in more } + last
    #expect(try verdict(many).error != nil)
  }

  @Test func pingFloodsEndTheConnection() throws {
    var limits = SessionLimits()
    limits.outboundAcknowledgementsMax = 20
    let ping = Frames.frame(6, [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(try verdict((0..<20).flatMap { _ in ping }, limits).error == nil)
    #expect(try verdict((0..<30).flatMap { _ in ping }, limits).error?.kind == .flooded)
  }

  @Test func settingsFloodsEndTheConnection() throws {
    var limits = SessionLimits()
    limits.outboundAcknowledgementsMax = 20
    let frames = (0..<30).flatMap { _ in Frames.settings }
    #expect(try verdict(frames, limits).error?.kind == .flooded)
  }

  @Test func settingsHaveALimitOfEntries() throws {
    let entry: [UInt8] = [0, 3, 0, 0, 0, 100]
    let frame = Frames.frame(4, (0..<33).flatMap { _ in entry })
    #expect(try verdict(frame).goAway == .enhanceYourCalm)
  }

  @Test func headerListsAreCutAtTheLimit() throws {
    var limits = SessionLimits()
    limits.headerListBytesMax = 1_000
    var pair = try Pair(server: limits)
    var block = HeaderBlock.request
    for number in 0..<20 { block.append("x-\(number)", String(repeating: "v", count: 60)) }
    _ = try pair.client.session.submitRequest(block, body: [], endStream: true)
    try pair.settle()
    #expect(pair.server.truncated == 1)
    #expect((pair.server.streams[1]?.headers[0].count ?? 0) < 14)
    _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    try pair.settle()
    #expect(pair.server.truncated == 1 && pair.server.streams.count == 2)
  }

  @Test func headerListsHaveALimitOfFields() throws {
    var pair = try Pair()
    var block = HeaderBlock.request
    for _ in 0..<200 { block.append("a", "b") }
    _ = try pair.client.session.submitRequest(block, body: [], endStream: true)
    try pair.settle()
    #expect(pair.server.truncated == 1)
  }

  /// Whatever comes, a session neither crashes nor forgets its limits.
  @Test func noiseIsSurvived() throws {
    var random = SplitMix("noise")
    for _ in 0..<300 {
      var server = try End(.server)
      try server.receive(Frames.preface + Frames.settings)
      for _ in 0..<20 {
        let payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        let frame = Frames.frame(
          UInt8.random(in: 0...10, using: &random), flags: .random(in: 0...255, using: &random),
          stream: UInt32.random(in: 0...5, using: &random),
          Bool.random(using: &random) ? Frames.request : payload)
        guard (try? server.receive(frame)) != nil else { break }
        _ = try? server.output()
      }
      #expect(server.session.openStreams <= 5)
    }
  }
}
