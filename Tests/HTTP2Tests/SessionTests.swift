import HTTP2
import Testing

@Suite("Sessions, client to server in memory")
struct SessionTests {
  private static let ok = PreparedHeaders([(":status", "200"), ("x-kind", "prepared")])
  private static let trailers = PreparedHeaders([("x-status", "0")])

  /// However the bytes are cut, the same happens.
  @Test(arguments: [1, 2, 7, 64, Int.max])
  func aCallGoesThereAndBack(step: Int) throws {
    var pair = try Pair()
    let body = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
    let stream = try pair.client.session.submitRequest(.request, body: body, endStream: true)
    try pair.settle(step: step)
    #expect(pair.server.streams[1]?.headers == [HeaderBlock.request.dictionary])
    #expect(pair.server.streams[1]?.body == body)
    #expect(pair.server.streams[1]?.isEnded == true)
    let answering = try #require(pair.server.references.first)
    pair.server.session.respond(
      answering, .prepared(Self.ok), body: body, trailers: .prepared(Self.trailers))
    try pair.settle(step: step)
    let answer = try #require(pair.client.streams[stream.id])
    #expect(answer.headers == [[":status": "200", "x-kind": "prepared"], ["x-status": "0"]])
    #expect(answer.body == body)
    #expect(answer.closed == .noError)
    #expect(pair.server.streams[1]?.closed == .noError)
    #expect(pair.server.session.openStreams == 0 && pair.client.session.openStreams == 0)
  }

  /// A lower limit is a request: a peer that opens more has them all the same, up to the limit that it was given first.
  @Test func aPeerIsAskedForFewerStreams() throws {
    var limits = SessionLimits()
    limits.concurrentStreamsMax = 20
    var pair = try Pair(server: limits)
    try pair.settle()
    for number in 0..<10 {
      _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
      guard number == 5 else { continue }
      let isAsked = pair.server.session.askForStreams(atMost: 3)
      #expect(isAsked)
    }
    // One at a time: the peer has to acknowledge it.
    let isAskedAgain = pair.server.session.askForStreams(atMost: 2)
    #expect(!isAskedAgain)
    // They are on their way when the client hears of it.
    let up = try pair.client.output()
    try pair.client.receive(try pair.server.output())
    let isKnown = pair.client.session.streamsMax == 3
    #expect(isKnown)
    try pair.server.receive(try pair.client.output())
    try pair.server.receive(up)
    try pair.settle()
    #expect(pair.server.references.count == 10 && pair.client.goAways.isEmpty)
    // The next one waits until there are fewer than three.
    _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    try pair.settle()
    #expect(pair.server.references.count == 10)
    for stream in pair.server.references.prefix(8) {
      pair.server.session.respond(stream, headersOnly: .prepared(Self.ok))
    }
    try pair.settle()
    #expect(pair.server.references.count == 11)
    let isAskedBack = pair.server.session.askForStreams(atMost: 1_000)
    #expect(isAskedBack)
    try pair.settle()
    let isBack = pair.client.session.streamsMax == 20
    #expect(isBack)
  }

  @Test func bodiesGrowPieceByPiece() throws {
    var pair = try Pair()
    _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    try pair.settle()
    let stream = try #require(pair.server.references.first)
    pair.server.session.respond(stream, .prepared(Self.ok))
    try pair.settle()
    for number in 0..<10 {
      pair.server.session.write(stream, [UInt8(number)])
      try pair.settle()
      #expect(pair.client.streams[1]?.body.count == number + 1)
    }
    pair.server.session.finish(stream, trailers: .block(HeaderBlock([("x-last", "yes")])))
    try pair.settle()
    #expect(pair.client.streams[1]?.headers.last == ["x-last": "yes"])
    #expect(pair.client.streams[1]?.closed == .noError)
  }

  /// The peer stops at the window, goes on when bytes are used, and the queue tells when it has room.
  @Test func unusedBytesStopThePeer() throws {
    var pair = try Pair()
    pair.client.consumes = false
    _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    try pair.settle()
    let stream = try #require(pair.server.references.first)
    pair.server.session.respond(stream, .prepared(Self.ok))
    let window = Int(SessionLimits().streamWindowBytes)
    pair.server.session.write(stream, [UInt8](repeating: 7, count: window + 100_000))
    let hadRoom = pair.server.session.hasRoom(stream)
    #expect(!hadRoom)
    try pair.settle()
    #expect(pair.client.streams[1]?.body.count == window)
    #expect(pair.server.session.queuedBytes(stream) == 100_000)
    #expect(pair.server.writable.isEmpty)
    pair.client.session.consume(StreamReference(slot: 0, id: 1), bytes: window)
    try pair.settle()
    #expect(pair.client.streams[1]?.body.count == window + 100_000)
    #expect(pair.server.writable == [stream])
    let hasRoom = pair.server.session.hasRoom(stream)
    #expect(hasRoom)
  }

  @Test func streamsAboveTheLimitWaitAtTheClient() throws {
    var limits = SessionLimits()
    limits.concurrentStreamsMax = 10
    var pair = try Pair(server: limits)
    try pair.settle()
    for _ in 0..<11 {
      _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    }
    try pair.settle()
    #expect(pair.server.streams.count == 10)
    pair.server.session.respond(pair.server.references[0], headersOnly: .prepared(Self.ok))
    try pair.settle()
    #expect(pair.server.streams.count == 11)
    #expect(pair.server.goAways.isEmpty && pair.client.goAways.isEmpty)
  }

  @Test func resetsReachTheOtherSide() throws {
    var pair = try Pair()
    let first = try pair.client.session.submitRequest(.request, body: [1], endStream: false)
    let second = try pair.client.session.submitRequest(.request, body: [1], endStream: true)
    try pair.settle()
    pair.client.session.reset(first, .cancel)
    pair.server.session.reset(pair.server.references[1], .refusedStream)
    try pair.settle()
    #expect(pair.server.streams[first.id]?.closed == .cancel)
    #expect(pair.client.streams[second.id]?.closed == .refusedStream)
    // What is said about streams that are gone is dropped.
    pair.server.session.respond(pair.server.references[0], .prepared(Self.ok))
    pair.server.session.write(pair.server.references[0], [1])
    pair.server.session.finish(pair.server.references[0], trailers: nil)
    try pair.settle()
    #expect(pair.server.session.openStreams == 0)
  }

  @Test func anAnswerBeforeTheEndOfTheRequestStopsIt() throws {
    var pair = try Pair()
    let stream = try pair.client.session.submitRequest(.request, body: [1], endStream: false)
    try pair.settle()
    pair.server.session.respond(pair.server.references[0], headersOnly: .prepared(Self.ok))
    try pair.settle()
    #expect(pair.client.streams[stream.id]?.isEnded == true)
    #expect(pair.client.streams[stream.id]?.closed == .noError)
    #expect(pair.server.session.openStreams == 0)
  }

  @Test func goAwayLetsOpenStreamsFinish() throws {
    var pair = try Pair()
    _ = try pair.client.session.submitRequest(.request, body: [], endStream: true)
    try pair.settle()
    pair.server.session.announceGoAway()
    pair.server.session.ping(77)
    try pair.settle()
    #expect(pair.server.pongs == [77])
    pair.server.session.goAway()
    try pair.settle()
    #expect(pair.client.goAways == [.noError, .noError])
    #expect(pair.server.session.isFinished == false)
    pair.server.session.respond(pair.server.references[0], headersOnly: .prepared(Self.ok))
    try pair.settle()
    #expect(pair.client.streams[1]?.closed == .noError)
    #expect(pair.server.session.isFinished && pair.client.session.isFinished)
  }

  @Test func requestsAfterGoAwayAreRefused() throws {
    var pair = try Pair()
    try pair.settle()
    pair.server.session.goAway()
    try pair.settle()
    let refused: ErrorCode?
    do throws(SessionError) {
      let stream = try pair.client.session.submitRequest(.request, body: [], endStream: true)
      _ = try pair.client.output()
      refused = pair.client.streams[stream.id]?.closed
    } catch {
      refused = .refusedStream
    }
    #expect(refused == .refusedStream)
    #expect(pair.client.session.openStreams == 0)
  }
}
