/// What the callbacks of a session write to. The session owns it, and nghttp2 carries a pointer to it.
final class SessionState {
  let limits: SessionLimits
  let isServer: Bool
  var events: [Event] = []
  var table = StreamTable()
  var skipped = SkippedStreams()
  /// What comes in, frame by frame.
  var input: FrameScanner
  /// What goes out; scanned for the trace only.
  var output: FrameScanner
  var gauge: FloodGauge
  /// Told of each frame, if anybody wants to know.
  let trace: FrameTrace?
  /// Periods that the owner has ended, to see which streams stand still.
  var period: UInt32 = 0
  /// The header block in progress; HTTP/2 lets no other frame come between.
  var headers = HeaderBlock()
  /// The peer sent a stream identifier that goes backwards.
  var sawBackwardStream = false
  /// Streams whose answer is complete before the request: told to stop once the answer is out.
  var answeredEarly: [Int32] = []
  /// Where the input of this ``Session/receive(_:events:)`` begins, to turn pointers into offsets.
  var inputAddress: UInt = 0

  init(limits: SessionLimits, isServer: Bool, trace: FrameTrace?) {
    self.limits = limits
    self.isServer = isServer
    self.trace = trace
    gauge = FloodGauge(limits)
    input = FrameScanner(preface: isServer ? FrameScanner.prefaceBytes : 0)
    output = FrameScanner(preface: isServer ? 0 : FrameScanner.prefaceBytes)
  }

  /// Looks at what has come before nghttp2 does.
  func scan(_ bytes: Span<UInt8>) {
    input.scan(bytes) { frame in
      trace?(.received, frame)
      guard isServer else { return }
      gauge.received(frame)
      if frame.type == FrameHeader.headers, frame.streamID % 2 == 1,
        skipped.received(id: frame.streamID)
      {
        sawBackwardStream = true
      }
    }
  }

  func addHeader(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    let bytes = headers.listBytes + name.count + value.count + 32
    guard !headers.isTruncated, bytes <= limits.headerListBytesMax,
      headers.count < limits.headerFieldsMax
    else {
      headers.isTruncated = true
      return
    }
    headers.append(name, value)
  }

  func endHeaders(slot: Int, endStream: Bool) {
    if endStream { table.streams[slot].isRemoteEnded = true }
    let block = headers
    headers = HeaderBlock()
    events.append(.headers(table.reference(slot: slot), block, endStream: endStream))
  }

  /// The end of a body belongs to its last bytes, if those are the newest event.
  func endData(slot: Int) {
    table.streams[slot].isRemoteEnded = true
    let stream = table.reference(slot: slot)
    if case .data(stream, let range, _) = events.last {
      events[events.count - 1] = .data(stream, range, endStream: true)
    } else {
      events.append(.data(stream, 0..<0, endStream: true))
    }
  }

  func close(slot: Int, code: UInt32) {
    let code = ErrorCode(rawValue: code)
    if code == .noError { gauge.finishedStream() }
    events.append(.closed(table.reference(slot: slot), code))
    table.close(slot: slot)
  }
}
