import SeededRandom
import Testing

@testable import HTTP2

@Suite("What a session notices by itself")
struct FloodTests {
  private func server(_ limits: SessionLimits = SessionLimits()) throws -> End {
    var server = try End(.server, limits)
    try server.receive(Frames.preface + Frames.settings + Frames.settingsAcknowledgement)
    _ = try server.output()
    return server
  }

  @Test(arguments: [
    ("PING", Frames.frame(6, [0, 1, 2, 3, 4, 5, 6, 7])), ("SETTINGS", Frames.settings),
    ("PRIORITY", Frames.frame(2, stream: 1, [0, 0, 0, 3, 9])),
    ("WINDOW_UPDATE", Frames.frame(8, [0, 0, 0, 1])), ("DATA", Frames.frame(0, stream: 1)),
    ("unknown", Frames.frame(0xf0, [1])),
    ("PING ACK", Frames.frame(6, flags: 1, [0, 1, 2, 3, 4, 5, 6, 7])),
  ])
  func framesWithoutUseHaveALimit(name: String, frame: [UInt8]) throws {
    var limits = SessionLimits()
    limits.idleFrameBurst = 100
    var server = try server(limits)
    try server.receive(Frames.headers(stream: 1, endStream: false))
    for _ in 0..<90 { try server.receive(frame) }
    _ = try server.output()
    let error = #expect(throws: SessionError.self) {
      for _ in 0..<20 { try server.receive(frame) }
    }
    #expect(error?.kind == .flooded)
    #expect(Frames.goAway(in: try server.output()) == .enhanceYourCalm)
  }

  @Test func requestsEarnTheirWindowUpdates() throws {
    var limits = SessionLimits()
    limits.idleFrameBurst = 10
    var server = try server(limits)
    for number in 0..<100 {
      try server.receive(Frames.headers(stream: UInt32(number * 2 + 1)))
      try server.receive(Frames.frame(8, [0, 0, 0, 1]) + Frames.frame(8, [0, 0, 0, 1]))
    }
    #expect(server.streams.count == 100)
  }

  /// CVE-2025-8671: the peer makes us reset what it has asked for.
  @Test func resetsThatThePeerForcesCount() throws {
    var limits = SessionLimits()
    limits.resetBurst = 20
    var server = try server(limits)
    let overflow = { (stream: UInt32) in Frames.frame(8, stream: stream, [0x7f, 255, 255, 255]) }
    let error = #expect(throws: SessionError.self) {
      for number in 0..<40 {
        let stream = UInt32(number * 2 + 1)
        try server.receive(Frames.headers(stream: stream) + overflow(stream))
        _ = try server.output()
      }
    }
    #expect(error?.kind == .flooded)
  }

  @Test func timeFillsUpWhatWasSpent() {
    var allowance = Allowance(burst: 2, perSecond: 10)
    allowance.fill(atMilliseconds: 1_000)
    for _ in 0..<3 { allowance.spend() }
    #expect(allowance.isSpent)
    allowance.fill(atMilliseconds: 1_099)
    #expect(allowance.isSpent)
    allowance.fill(atMilliseconds: 1_100)
    #expect(!allowance.isSpent)
    allowance.fill(atMilliseconds: .max / 2)
    for _ in 0..<3 { allowance.spend() }
    #expect(allowance.isSpent)
  }

  /// However the bytes are cut, the same frames are seen, and what is open is known at every byte.
  @Test func framesAreFollowedAcrossAnyCut() {
    let preface = Array(repeating: UInt8(0x50), count: 24)
    let frames =
      Frames.settings + Frames.frame(1, flags: 1, stream: 1, [1, 2, 3])
      + Frames.frame(9, stream: 1, [4]) + Frames.frame(9, flags: 4, stream: 1, [])
      + Frames.frame(0, flags: 1, stream: 1, [5, 6, 7])
    let bytes = preface + frames
    for cut in 0...bytes.count {
      var scanner = FrameScanner(preface: 24)
      var seen: [UInt8] = []
      scanner.scan(bytes.span.extracting(..<cut)) { seen.append($0.type) }
      let isAtBoundary = cut <= 24 || [33, 64].contains(cut) || cut >= 73
      #expect((scanner.unfinished == nil) == isAtBoundary, "cut at \(cut)")
      scanner.scan(bytes.span.extracting(cut...)) { seen.append($0.type) }
      #expect(seen == [4, 1, 9, 9, 0] && scanner.unfinished == nil)
    }
  }

  @Test func streamsThatStandStillAreFound() throws {
    var server = try server()
    try server.receive(Frames.headers(stream: 1, endStream: false))
    try server.receive(Frames.headers(stream: 3))
    #expect(server.session.endPeriod(inputPeriods: 2, outputPeriods: 2).isEmpty)
    try server.receive(Frames.frame(0, stream: 1, [1]))
    #expect(server.session.endPeriod(inputPeriods: 2, outputPeriods: 2).isEmpty)
    #expect(server.session.endPeriod(inputPeriods: 2, outputPeriods: 2).isEmpty)
    let stalls = server.session.endPeriod(inputPeriods: 2, outputPeriods: 2)
    #expect(stalls == [Stall(stream: server.references[0], side: .input)])
  }

  @Test func framesAreDescribedInOneLine() {
    let headers = FrameHeader(length: 99, type: 1, flags: 5, streamID: 1)
    #expect("\(headers)" == "stream=1 HEADERS length=99 flags=END_STREAM,END_HEADERS")
    let odd = FrameHeader(length: 0, type: 0xfa, flags: 0x81, streamID: 0)
    #expect("\(odd)" == "stream=0 type-250 length=0 flags=0x81")
    let ping = FrameHeader(length: 8, type: 6, flags: 1, streamID: 0)
    #expect("\(ping)" == "stream=0 PING length=8 flags=ACK")
  }
}
