import HTTP2

/// One end of a connection in memory, with everything that happened on it.
struct End: ~Copyable {
  /// What a stream brought.
  struct Stream: Equatable {
    var headers: [[String: String]] = []
    var body: [UInt8] = []
    var isEnded = false
    var closed: ErrorCode?
  }

  var session: Session
  var consumes = true
  var streams: [Int32: Stream] = [:]
  var references: [StreamReference] = []
  var writable: [StreamReference] = []
  var goAways: [ErrorCode] = []
  var pongs: [UInt64] = []
  var truncated = 0

  init(_ role: Session.Role, _ limits: SessionLimits = SessionLimits()) throws {
    session = try Session(role, limits: limits)
  }

  mutating func receive(_ bytes: [UInt8]) throws(SessionError) {
    var events: [Event] = []
    try session.receive(bytes.span, events: &events)
    note(events, bytes)
  }

  /// What the session has to say, at most about `limit` bytes.
  mutating func output(limit: Int = .max) throws(SessionError) -> [UInt8] {
    var events: [Event] = []
    var bytes: [UInt8] = []
    try session.send(events: &events, limit: limit) { piece in
      for index in piece.indices { bytes.append(piece[index]) }
    }
    note(events, [])
    return bytes
  }

  private mutating func note(_ events: [Event], _ input: [UInt8]) {
    for event in events {
      switch event {
      case .headers(let stream, let block, let endStream):
        if streams[stream.id] == nil { references.append(stream) }
        streams[stream.id, default: Stream()].headers.append(block.dictionary)
        if endStream { streams[stream.id]?.isEnded = true }
        if block.isTruncated { truncated += 1 }
      case .data(let stream, let range, let endStream):
        streams[stream.id, default: Stream()].body += input[range]
        if endStream { streams[stream.id]?.isEnded = true }
        if consumes { session.consume(stream, bytes: range.count) }
      case .closed(let stream, let code): streams[stream.id, default: Stream()].closed = code
      case .writable(let stream): writable.append(stream)
      case .goAway(_, let code): goAways.append(code)
      case .pong(let number): pongs.append(number)
      case .settings: break
      }
    }
  }
}

/// A client and a server, joined without sockets.
struct Pair: ~Copyable {
  var client: End
  var server: End

  init(client: SessionLimits = SessionLimits(), server: SessionLimits = SessionLimits()) throws {
    let clientEnd = try End(.client, client)
    let serverEnd = try End(.server, server)
    self.client = clientEnd
    self.server = serverEnd
  }

  /// Carries bytes until both are silent, in pieces of `step` bytes.
  mutating func settle(step: Int = .max) throws {
    while true {
      let up = try client.output()
      for piece in up.pieces(of: step) { try server.receive(piece) }
      let down = try server.output()
      for piece in down.pieces(of: step) { try client.receive(piece) }
      if up.isEmpty, down.isEmpty { return }
    }
  }
}

extension HeaderBlock {
  init(_ fields: [(String, String)]) {
    self.init()
    for (name, value) in fields { append(name, value) }
  }

  static let request = HeaderBlock([
    (":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "test"),
  ])

  var dictionary: [String: String] {
    var all: [String: String] = [:]
    visit { name, value in
      all[name.text] = value.text
      return true
    }
    return all
  }
}

extension Span where Element == UInt8 {
  var text: String { String(decoding: indices.map { self[$0] }, as: UTF8.self) }
}

extension Array {
  func pieces(of size: Int) -> [[Element]] {
    guard size < count else { return isEmpty ? [] : [self] }
    return stride(from: 0, to: count, by: size).map {
      Array(self[$0..<Swift.min($0 + size, count)])
    }
  }
}
