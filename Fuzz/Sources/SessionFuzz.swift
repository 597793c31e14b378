internal import HTTP2

/// Whatever a peer sends, in whatever pieces, to a server or a client.
enum SessionFuzz {
  /// The first byte says who reads it and in which pieces, the rest is what comes behind a proper beginning.
  static func run(_ input: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let options = unsafe input.first else { return 0 }
    let isServer = options & 1 == 0
    var limits = SessionLimits()
    (limits.concurrentStreamsMax, limits.headerListBytesMax) = (8, 1_024)
    (limits.outputBytesMax, limits.idleFrameBurst) = (1_024, 200)
    guard var end = try? FuzzedEnd(isServer ? .server : .client, limits) else { return -1 }
    let body = unsafe Array(input.dropFirst())
    let beginning = isServer && options & 2 == 0 ? Self.preface + Self.settings : []
    let step = options & 4 == 0 ? body.count + 100 : 1 + Int(options >> 3)
    let bytes = beginning + (isServer ? [] : Self.settings) + body
    var position = 0
    while position < bytes.count, end.isOpen {
      let next = min(bytes.count, position + step)
      end.receive(Array(bytes[position..<next]))
      position = next
      precondition(end.session.openStreams <= 64, "streams have a limit")
      precondition(end.session.queuedBytes <= 64 * 8_192, "what waits has a limit")
    }
    return 0
  }

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
}

/// A session with an owner that answers, writes, resets and sweeps as its peer's bytes have it.
struct FuzzedEnd: ~Copyable {
  var session: Session
  private(set) var isOpen = true
  private var turns = 0

  init(_ role: Session.Role, _ limits: SessionLimits) throws(SessionError) {
    var session = try Session(role, limits: limits, trace: { _, frame in _ = frame.description })
    if role == .client {
      // That requests cannot be sent yet is as good.
      for _ in 0..<3 {
        _ = try? session.submitRequest(Self.fields, body: [1, 2, 3], endStream: true)
      }
    }
    self.session = session
  }

  private static let fields: HeaderBlock = {
    var block = HeaderBlock()
    for (name, value) in [
      (":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "a"),
    ] {
      block.append(name, value)
    }
    return block
  }()

  private static let answer: HeaderBlock = {
    var block = HeaderBlock()
    block.append(":status", "200")
    return block
  }()

  mutating func receive(_ bytes: [UInt8]) {
    turns += 1
    var events: [Event] = []
    do throws(SessionError) {
      try session.receive(bytes.span, atMilliseconds: Int64(turns), events: &events)
      for event in events { act(event, bytes.count) }
      events.removeAll()
      try session.send(events: &events, limit: 4_096) { _ in }
    } catch {
      isOpen = false
    }
    _ = session.unfinishedFrame
    if turns % 7 == 0 {
      for stall in session.endPeriod(inputPeriods: 2, outputPeriods: 2) {
        session.reset(stall.stream, .cancel)
      }
    }
  }

  private mutating func act(_ event: Event, _ inputBytes: Int) {
    switch event {
    case .headers(let stream, let block, let endStream):
      block.visit { name, value in name.count + value.count >= 0 }
      if endStream { respond(stream) }
    case .data(let stream, let range, let endStream):
      precondition(range.upperBound <= inputBytes, "a body lies in its input")
      session.consume(stream, bytes: range.count)
      if endStream { respond(stream) }
    case .writable(let stream): session.finish(stream, trailers: nil)
    case .closed, .goAway, .settings, .pong: break
    }
  }

  private mutating func respond(_ stream: StreamReference) {
    if stream.id % 3 == 0 { return session.reset(stream, .refusedStream) }
    session.respond(stream, .block(Self.answer))
    session.write(stream, [UInt8](repeating: 0, count: 2_000))
    if session.hasRoom(stream) { session.finish(stream, trailers: .block(Self.answer)) }
  }
}
