internal import CNghttp2

// What the owner asks of a session. Nothing is sent before ``Session/send(events:limit:_:)``. A stream that has closed
// meanwhile is no error: what is said about it is dropped.

extension Session {
  private var noFlags: UInt8 { UInt8(NGHTTP2_FLAG_NONE.rawValue) }

  /// Opens a stream with a request; `body` is the whole of it if `endStream`, else its beginning.
  ///
  /// Streams above the peer's limit wait in the session until others have closed.
  /// - Throws: ``SessionError`` when identifiers have run out or the connection is closing.
  package mutating func submitRequest(
    _ headers: HeaderBlock, body: [UInt8], endStream: Bool
  ) throws(SessionError) -> StreamReference {
    let slot = state.table.open(id: 0)
    state.table.append(slot: slot, body, period: state.period)
    state.table.streams[slot].isFinished = endStream
    let id = unsafe headers.withFields { fields, count in
      var provider = unsafe cupo_data_provider(Int32(slot), readOutput)
      let user = unsafe UnsafeMutableRawPointer(bitPattern: slot + 1)
      return endStream && body.isEmpty
        ? unsafe nghttp2_submit_request(handle, nil, fields, count, nil, user)
        : unsafe nghttp2_submit_request(handle, nil, fields, count, &provider, user)
    }
    guard id > 0 else {
      state.table.close(slot: slot)
      throw SessionError(result: id)
    }
    state.table.streams[slot].id = id
    return StreamReference(slot: slot, id: id)
  }

  /// Answers with headers and the end of the stream, in one frame.
  package mutating func respond(_ stream: StreamReference, headersOnly headers: Headers) {
    guard state.table.contains(stream) else { return }
    // Fails only without memory or for a stream that is closing, and either ends it.
    _ = unsafe headers.withFields { fields, count in
      unsafe nghttp2_submit_response(handle, stream.id, fields, count, nil)
    }
  }

  /// Begins an answer whose body follows by ``write(_:_:)`` and ends by ``finish(_:trailers:)``.
  package mutating func respond(_ stream: StreamReference, _ headers: Headers) {
    guard state.table.contains(stream) else { return }
    _ = unsafe headers.withFields { fields, count in
      var provider = unsafe cupo_data_provider(Int32(stream.slot), readOutput)
      return unsafe nghttp2_submit_response(handle, stream.id, fields, count, &provider)
    }
  }

  /// Answers as a whole: headers, body, trailers.
  package mutating func respond(
    _ stream: StreamReference, _ headers: Headers, body: [UInt8], trailers: Headers?
  ) {
    guard state.table.contains(stream) else { return }
    state.table.append(slot: stream.slot, body, period: state.period)
    state.table.finish(slot: stream.slot, trailers: trailers, period: state.period)
    respond(stream, headers)
  }

  /// Adds to the body. The queue takes all of it: ask ``hasRoom(_:)`` before.
  package mutating func write(_ stream: StreamReference, _ bytes: [UInt8]) {
    guard state.table.contains(stream) else { return }
    state.table.append(slot: stream.slot, bytes, period: state.period)
    resume(stream)
  }

  /// Ends the body, with trailers or without.
  package mutating func finish(_ stream: StreamReference, trailers: Headers?) {
    guard state.table.contains(stream) else { return }
    state.table.finish(slot: stream.slot, trailers: trailers, period: state.period)
    resume(stream)
  }

  /// Whether the stream's output queue is below its limit. If it is not, ``Event/writable(_:)`` will tell when.
  package mutating func hasRoom(_ stream: StreamReference) -> Bool {
    guard state.table.contains(stream) else { return true }
    if state.table.streams[stream.slot].output.bytes < state.limits.outputBytesMax { return true }
    state.table.streams[stream.slot].awaitsRoom = true
    return false
  }

  /// Bytes that wait in the stream's output queue.
  package func queuedBytes(_ stream: StreamReference) -> Int {
    state.table.contains(stream) ? state.table.streams[stream.slot].output.bytes : 0
  }

  /// Resets a stream.
  package mutating func reset(_ stream: StreamReference, _ code: ErrorCode) {
    guard state.table.contains(stream) else { return }
    _ = unsafe nghttp2_submit_rst_stream(handle, noFlags, stream.id, code.rawValue)
  }

  /// Gives the peer back `bytes` of the stream's and of the connection's window.
  package mutating func consume(_ stream: StreamReference, bytes: Int) {
    _ = unsafe nghttp2_session_consume(handle, stream.id, bytes)
  }

  /// Gives back `bytes` of the connection's window only.
  package mutating func consumeConnection(bytes: Int) {
    _ = unsafe nghttp2_session_consume_connection(handle, bytes)
  }

  /// Gives back `bytes` of the stream's window only.
  package mutating func consumeStream(_ stream: StreamReference, bytes: Int) {
    guard state.table.contains(stream) else { return }
    _ = unsafe nghttp2_session_consume_stream(handle, stream.id, bytes)
  }

  /// Asks the peer for a sign of life.
  package mutating func ping(_ number: UInt64) {
    let payload = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    _ = unsafe nghttp2_submit_ping(handle, noFlags, payload)
  }

  /// Asks the peer to have no more than so many streams open at once from now on, at most as many as ``SessionLimits`` says. Those that
  /// are open stay, and so do those that it opens before it knows.
  ///
  /// nghttp2 itself keeps to the old limit: it would end the connection of a peer that has acknowledged a lower one
  /// with HEADERS on their way. What it believes to send is changed as it goes out.
  ///
  /// - Returns: whether it is asked; not before the peer has acknowledged what it was told last, so that nothing piles up.
  package mutating func askForStreams(atMost count: Int) -> Bool {
    guard state.settingsUnderWay == 0 else { return false }
    state.settingsUnderWay = 1
    state.streamsAsked = UInt32(clamping: min(count, Int(state.limits.concurrentStreamsMax)))
    var entry = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
      value: state.limits.concurrentStreamsMax)
    // Fails only without memory, and then the next `mem_send` says so.
    _ = unsafe nghttp2_submit_settings(handle, noFlags, &entry, 1)
    return true
  }

  /// Tells the peer that the connection will close, without refusing any stream yet (RFC 9113, section 6.8).
  package mutating func announceGoAway() {
    _ = unsafe nghttp2_submit_shutdown_notice(handle)
  }

  /// Takes no more streams. Those that are open go on. `debug` tells people why.
  package mutating func goAway(_ code: ErrorCode = .noError, debug: StaticString = "") {
    let last = unsafe nghttp2_session_get_last_proc_stream_id(handle)
    _ = unsafe nghttp2_submit_goaway(
      handle, noFlags, last, code.rawValue, debug.utf8Start, debug.utf8CodeUnitCount)
  }

  /// Ends the connection with everything on it, once a GOAWAY is out.
  package mutating func terminate(_ code: ErrorCode) {
    _ = unsafe nghttp2_session_terminate_session(handle, code.rawValue)
  }

  private mutating func resume(_ stream: StreamReference) {
    guard state.table.streams[stream.slot].isDeferred else { return }
    state.table.streams[stream.slot].isDeferred = false
    _ = unsafe nghttp2_session_resume_data(handle, stream.id)
  }
}
