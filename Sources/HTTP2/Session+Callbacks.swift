internal import CNghttp2

// nghttp2 lends every pointer for the length of the callback only, and calls back on the thread that called it.

extension Session {
  static func makeCallbacks() throws(SessionError) -> OpaquePointer {
    var callbacks: OpaquePointer?
    try check(unsafe nghttp2_session_callbacks_new(&callbacks))
    guard let callbacks = unsafe callbacks else { throw SessionError(.failed, code: 0) }
    unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, onBeginFrame)
    unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData)
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
    unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent)
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
    return unsafe callbacks
  }
}

private typealias Frame = UnsafePointer<nghttp2_frame>

/// Calls `body` with the session's state, which outlives the callback and is not counted up and down for it: some of these are called
/// for every frame and every field.
@inline(__always)
private func with<R>(
  _ context: UnsafeMutableRawPointer?, else absent: R, _ body: (SessionState) -> R
) -> R {
  guard let context = unsafe context else { return absent }
  return unsafe Unmanaged<SessionState>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}

/// The slot that stream `id` carries as its user data, one more than its number so that zero is none.
private func slot(_ session: OpaquePointer?, _ id: Int32) -> Int? {
  let number = unsafe Int(bitPattern: nghttp2_session_get_stream_user_data(session, id))
  return number == 0 ? nil : number - 1
}

private func isType(_ type: UInt8, _ expected: nghttp2_frame_type) -> Bool {
  UInt32(type) == expected.rawValue
}

private func hasFlag(_ flags: UInt8, _ expected: nghttp2_flag) -> Bool {
  UInt32(flags) & UInt32(expected.rawValue) != 0
}

private let onBeginFrame: nghttp2_on_begin_frame_callback = { session, header, context in
  unsafe with(context, else: 0) { state in
    guard state.isServer, let header = unsafe header?.pointee, isType(header.type, NGHTTP2_HEADERS)
    else { return 0 }
    let id = header.stream_id
    state.beginHeaders(id: id, isOpen: unsafe slot(session, id) != nil)
    return 0
  }
}

private let onBeginHeaders: nghttp2_on_begin_headers_callback = { session, frame, context in
  unsafe with(context, else: 0) { state in
    guard let frame = unsafe frame else { return 0 }
    state.headers = HeaderBlock(reserving: 384)
    state.droppedHeaderBytes = 0
    guard unsafe isType(frame.pointee.hd.type, NGHTTP2_HEADERS),
      unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
    else { return 0 }
    let id = unsafe frame.pointee.hd.stream_id
    let slot = state.table.open(id: id, period: state.period)
    return unsafe nghttp2_session_set_stream_user_data(
      session, id, UnsafeMutableRawPointer(bitPattern: slot + 1))
  }
}

private let onHeader: nghttp2_on_header_callback = {
  session, frame, name, nameBytes, value, valueBytes, flags, context in
  guard let name = unsafe name, let value = unsafe value else { return 0 }
  let isBearable = unsafe with(context, else: true) { state in
    unsafe state.addHeader(
      Span(_unsafeStart: name, count: nameBytes), Span(_unsafeStart: value, count: valueBytes))
  }
  return isBearable ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

private let onData: nghttp2_on_data_chunk_recv_callback = {
  session, flags, id, data, count, context in
  unsafe with(context, else: 0) { state in
    guard let slot = unsafe slot(session, id) else { return 0 }
    let offset = UInt(bitPattern: data) &- state.inputAddress
    let start = Int(bitPattern: offset)
    precondition(start >= 0, "nghttp2 hands out body bytes in place")
    let stream = state.table.reference(slot: slot)
    state.table.streams[slot].inputPeriod = state.period
    state.events.append(.data(stream, start..<start + count, endStream: false))
    return 0
  }
}

private let onFrame: nghttp2_on_frame_recv_callback = { session, frame, context in
  unsafe with(context, else: 0) { state in
    guard let frame = unsafe frame else { return 0 }
    let header = unsafe frame.pointee.hd
    switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      guard let slot = unsafe slot(session, header.stream_id) else { return 0 }
      state.endHeaders(slot: slot, endStream: hasFlag(header.flags, NGHTTP2_FLAG_END_STREAM))
    case NGHTTP2_DATA:
      guard hasFlag(header.flags, NGHTTP2_FLAG_END_STREAM),
        let slot = unsafe slot(session, header.stream_id)
      else { return 0 }
      state.endData(slot: slot)
    case NGHTTP2_SETTINGS:
      // One that nobody waits for is a violation, and never comes here.
      if hasFlag(header.flags, NGHTTP2_FLAG_ACK) {
        state.settingsUnderWay -= 1
      } else {
        state.events.append(.settings)
      }
    case NGHTTP2_PING:
      guard hasFlag(header.flags, NGHTTP2_FLAG_ACK) else { return 0 }
      let payload = unsafe frame.pointee.ping.opaque_data
      state.events.append(.pong(pingNumber(payload)))
    case NGHTTP2_GOAWAY:
      let goAway = unsafe frame.pointee.goaway
      unsafe state.events.append(
        .goAway(
          lastStreamID: goAway.last_stream_id, ErrorCode(rawValue: goAway.error_code)))
    default: break
    }
    return 0
  }
}

/// Counts, and sees an answer that ends before its request: the rest of the request is not wanted.
private let onFrameSent: nghttp2_on_frame_send_callback = { session, frame, context in
  unsafe with(context, else: 0) { state in
    guard state.isServer, let frame = unsafe frame else { return 0 }
    let header = unsafe frame.pointee.hd
    guard isType(header.type, NGHTTP2_HEADERS) || isType(header.type, NGHTTP2_DATA) else {
      guard isType(header.type, NGHTTP2_RST_STREAM) else { return 0 }
      if let slot = unsafe slot(session, header.stream_id) {
        state.table.streams[slot].wasResetByUs = true
      }
      if unsafe frame.pointee.rst_stream.error_code != ErrorCode.noError.rawValue {
        state.gauge.sentReset()
      }
      return 0
    }
    state.gauge.sentAnswer()
    guard hasFlag(header.flags, NGHTTP2_FLAG_END_STREAM),
      let slot = unsafe slot(session, header.stream_id), !state.table.streams[slot].isRemoteEnded
    else { return 0 }
    state.answeredEarly.append(header.stream_id)
    return 0
  }
}

/// A request that could not be sent any more closes its stream as one which the peer refused.
private let onFrameNotSent: nghttp2_on_frame_not_send_callback = {
  session, frame, reason, context in
  unsafe with(context, else: 0) { state in
    guard !state.isServer, let frame = unsafe frame,
      unsafe isType(frame.pointee.hd.type, NGHTTP2_HEADERS),
      unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST,
      let slot = unsafe state.table.slot(id: frame.pointee.hd.stream_id)
    else { return 0 }
    state.close(slot: slot, code: ErrorCode.refusedStream.rawValue)
    return 0
  }
}

private let onStreamClose: nghttp2_on_stream_close_callback = { session, id, code, context in
  unsafe with(context, else: 0) { state in
    guard let slot = unsafe slot(session, id), state.table.streams[slot].id == id else { return 0 }
    state.close(slot: slot, code: code)
    return 0
  }
}

/// Gives nghttp2 the next bytes of a stream's body, and behind the last of them its trailers.
let readOutput: nghttp2_data_source_read_callback = {
  session, id, buffer, count, flags, source, context in
  unsafe with(context, else: Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)) { state in
    let deferred = Int(NGHTTP2_ERR_DEFERRED.rawValue)
    guard let source = unsafe source, let flags = unsafe flags
    else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    let slot = unsafe Int(source.pointee.fd)
    guard state.table.streams[slot].id == id else { return deferred }
    let copied = unsafe state.table.read(
      slot: slot, into: UnsafeMutableRawBufferPointer(start: buffer, count: count),
      period: state.period)
    noteRoom(state, slot)
    guard state.table.streams[slot].output.isEmpty else { return copied }
    guard state.table.streams[slot].isFinished else {
      if copied == 0 { state.table.streams[slot].isDeferred = true }
      return copied == 0 ? deferred : copied
    }
    unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    guard let trailers = state.table.streams[slot].trailers else { return copied }
    unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
    let result = unsafe trailers.withFields { unsafe nghttp2_submit_trailer(session, id, $0, $1) }
    return result == 0 ? copied : Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
}

/// Half empty counts as room, so that writer and socket do not take turns byte by byte.
private func noteRoom(_ state: SessionState, _ slot: Int) {
  guard state.table.streams[slot].awaitsRoom,
    state.table.streams[slot].output.bytes <= state.limits.outputBytesMax / 2
  else { return }
  state.table.streams[slot].awaitsRoom = false
  state.events.append(.writable(state.table.reference(slot: slot)))
}

typealias PingPayload = (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)

private func pingNumber(_ payload: PingPayload) -> UInt64 {
  let bytes = [
    payload.0, payload.1, payload.2, payload.3, payload.4, payload.5, payload.6, payload.7,
  ]
  return bytes.reduce(0) { $0 << 8 | UInt64($1) }
}
