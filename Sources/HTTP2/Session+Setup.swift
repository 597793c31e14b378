internal import CNghttp2

extension SessionError {
  /// The one place where nghttp2's numbers become ours.
  init(result: Int32) {
    switch nghttp2_error(rawValue: result) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: self.init(.notHTTP2, code: result)
    case NGHTTP2_ERR_FLOODED: self.init(.flooded, code: result)
    case NGHTTP2_ERR_STREAM_CLOSED, NGHTTP2_ERR_INVALID_STREAM_ID, NGHTTP2_ERR_STREAM_CLOSING,
      NGHTTP2_ERR_INVALID_STREAM_STATE, NGHTTP2_ERR_DATA_EXIST, NGHTTP2_ERR_INVALID_ARGUMENT,
      NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE:
      self.init(.streamUnusable, code: result)
    default: self.init(.failed, code: result)
    }
  }
}

/// Throws what a negative result of nghttp2 means.
func check(_ result: Int32) throws(SessionError) {
  if result < 0 { throw SessionError(result: result) }
}

extension Session {
  static func makeHandle(
    _ role: Role, _ limits: SessionLimits, _ state: SessionState
  ) throws(SessionError) -> OpaquePointer {
    let options = unsafe try makeOptions(limits)
    defer { unsafe nghttp2_option_del(options) }
    let callbacks = unsafe try makeCallbacks()
    defer { unsafe nghttp2_session_callbacks_del(callbacks) }
    var session: OpaquePointer?
    let context = unsafe Unmanaged.passUnretained(state).toOpaque()
    switch role {
    case .server:
      try check(unsafe nghttp2_session_server_new2(&session, callbacks, context, options))
    case .client:
      try check(unsafe nghttp2_session_client_new2(&session, callbacks, context, options))
    }
    guard let session = unsafe session else { throw SessionError(.failed, code: 0) }
    do throws(SessionError) {
      try unsafe submitSettings(session, role, limits)
    } catch {
      unsafe nghttp2_session_del(session)
      throw error
    }
    return unsafe session
  }

  private static func makeOptions(_ limits: SessionLimits) throws(SessionError) -> OpaquePointer {
    var options: OpaquePointer?
    try check(unsafe nghttp2_option_new(&options))
    guard let options = unsafe options else { throw SessionError(.failed, code: 0) }
    unsafe nghttp2_option_set_no_auto_window_update(options, 1)
    unsafe nghttp2_option_set_peer_max_concurrent_streams(options, 100)
    unsafe nghttp2_option_set_max_reserved_remote_streams(options, 0)
    unsafe nghttp2_option_set_no_closed_streams(options, 1)
    unsafe nghttp2_option_set_max_outbound_ack(options, limits.outboundAcknowledgementsMax)
    unsafe nghttp2_option_set_max_settings(options, limits.settingsEntriesMax)
    unsafe nghttp2_option_set_max_continuations(options, limits.continuationsMax)
    // FloodGauge judges these, with more to go by: nghttp2's own limit is out of the way.
    unsafe nghttp2_option_set_stream_reset_rate_limit(options, .max, .max)
    unsafe nghttp2_option_set_max_send_header_block_length(options, 256 * 1_024)
    return unsafe options
  }

  private static func submitSettings(
    _ handle: OpaquePointer, _ role: Role, _ limits: SessionLimits
  ) throws(SessionError) {
    var entries = [
      setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(limits.streamWindowBytes)),
      setting(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(limits.headerListBytesMax)),
    ]
    switch role {
    case .server:
      entries.append(setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreamsMax))
      entries.append(setting(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1))
    case .client:
      entries.append(setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    try check(unsafe nghttp2_submit_settings(handle, none, entries, entries.count))
    try check(
      unsafe nghttp2_session_set_local_window_size(handle, none, 0, limits.connectionWindowBytes))
  }

  private static func setting(
    _ id: nghttp2_settings_id, _ value: UInt32
  ) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
  }
}
