internal import CNghttp2

/// One HTTP/2 connection without I/O, server or client side.
///
/// Feed what the socket gave by ``receive(_:events:)``, act on the events, submit, then take what the socket should
/// get by ``send(events:limit:_:)``. All limits are in ``SessionLimits``. A session is used from one thread at a time.
@safe package struct Session: ~Copyable {
  let handle: OpaquePointer
  let state: SessionState

  /// Which end of the connection a session is.
  package enum Role: Sendable {
    case server
    case client
  }

  /// Begins a session; its first output is the preface and our settings.
  ///
  /// - Parameter trace: told of each frame in either direction, as it begins.
  package init(
    _ role: Role, limits: SessionLimits = SessionLimits(), trace: FrameTrace? = nil
  ) throws(SessionError) {
    let state = SessionState(limits: limits, isServer: role == .server, trace: trace)
    unsafe handle = try Self.makeHandle(role, limits, state)
    self.state = state
  }

  deinit {
    unsafe nghttp2_session_del(handle)
  }

  /// How many streams are open.
  package var openStreams: Int { state.table.openCount }

  /// Whether neither side has anything more to say: the connection can be closed.
  package var isFinished: Bool {
    unsafe nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  /// Whether there are bytes to send.
  package var wantsToSend: Bool {
    unsafe nghttp2_session_want_write(handle) != 0
  }

  /// Takes what came from the peer and appends what that means to `events`.
  ///
  /// - Parameter now: any monotonic clock; without it what a peer may do in one go is all that it may do.
  /// - Throws: ``SessionError`` if the connection cannot go on; what `send` still yields should be sent, then it closes.
  package mutating func receive(
    _ input: Span<UInt8>, atMilliseconds now: Int64 = 0, events: inout [Event]
  ) throws(SessionError) {
    swap(&state.events, &events)
    defer { swap(&state.events, &events) }
    state.gauge.fill(atMilliseconds: now)
    state.scan(input)
    if state.isServer, state.gauge.isFlooded { try refuseFlood() }
    let taken = unsafe input.withUnsafeBufferPointer { bytes in
      state.inputAddress = UInt(bitPattern: bytes.baseAddress)
      return unsafe nghttp2_session_mem_recv(handle, bytes.baseAddress, bytes.count)
    }
    if taken < 0 { throw giveUp(SessionError(result: Int32(taken))) }
    try answerViolations()
  }

  /// What nghttp2 lets pass and the RFC does not.
  private mutating func answerViolations() throws(SessionError) {
    if let violation = state.violation {
      state.violation = nil
      try check(unsafe nghttp2_session_terminate_session(handle, violation.rawValue))
    }
    guard !state.lateStreams.isEmpty else { return }
    for id in state.lateStreams {
      try check(
        unsafe nghttp2_submit_rst_stream(
          handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, ErrorCode.streamClosed.rawValue))
    }
    state.lateStreams.removeAll(keepingCapacity: true)
  }

  /// Lends what the peer should get to `write`, piece by piece, at most about `limit` bytes, and appends what became
  /// of it (closed streams, queues with room) to `events`.
  package mutating func send(
    events: inout [Event], limit: Int = .max, _ write: (Span<UInt8>) -> Void
  ) throws(SessionError) {
    swap(&state.events, &events)
    defer { swap(&state.events, &events) }
    var sent = 0
    while sent < limit {
      var pointer: UnsafePointer<UInt8>?
      let count = unsafe nghttp2_session_mem_send(handle, &pointer)
      if count < 0 { throw SessionError(result: Int32(count)) }
      guard count > 0, let bytes = unsafe pointer else {
        if state.answeredEarly.isEmpty { return }
        resetAnsweredEarly()
        continue
      }
      let piece = unsafe Span(_unsafeStart: bytes, count: count)
      if let trace = state.trace { state.output.scan(piece) { trace(.sent, $0) } }
      if let asked = state.streamsAsked, StreamsRequest.isOne(piece) {
        write(StreamsRequest.frame(asked).span)
      } else {
        write(piece)
      }
      sent += count
    }
  }

  /// nghttp2 has had enough: floods that it counts itself end without a GOAWAY, unless we add it.
  private func giveUp(_ error: SessionError) -> SessionError {
    if error.kind != .notHTTP2 {
      // Fails only without memory, and the connection ends either way.
      _ = unsafe nghttp2_session_terminate_session(handle, ErrorCode.enhanceYourCalm.rawValue)
    }
    return error
  }

  private mutating func refuseFlood() throws(SessionError) {
    let code = ErrorCode.enhanceYourCalm
    try check(unsafe nghttp2_session_terminate_session(handle, code.rawValue))
    throw SessionError(.flooded, code: Int32(code.rawValue))
  }

  /// A request whose answer is complete needs no more of its body (RFC 9113, section 8.1).
  private mutating func resetAnsweredEarly() {
    for id in state.answeredEarly {
      // Fails only without memory, and then the next `mem_send` says so.
      _ = unsafe nghttp2_submit_rst_stream(
        handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, ErrorCode.noError.rawValue)
    }
    state.answeredEarly.removeAll(keepingCapacity: true)
  }
}
