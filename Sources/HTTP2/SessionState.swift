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
  /// How many streams the peer is asked to be content with; nil: it was never asked.
  var streamsAsked: UInt32?
  /// SETTINGS of ours that the peer has not acknowledged; those of the beginning are the first.
  var settingsUnderWay = 1
  /// Told of each frame, if anybody wants to know.
  let trace: FrameTrace?
  /// Periods that the owner has ended, to see which streams stand still.
  var period: UInt32 = 0
  /// The header block in progress; HTTP/2 lets no other frame come between.
  var headers = HeaderBlock()
  /// What of it had no room.
  var droppedHeaderBytes = 0
  private static let droppedTimesMax = 8
  var closed = ClosedStreams()
  /// What the peer did that ends the connection and that nghttp2 does not see.
  var violation: ErrorCode?
  /// Streams on which frames came after the peer had reset them.
  var lateStreams: [Int32] = []
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
    guard isServer || trace != nil else { return }
    input.scan(bytes) { frame in
      trace?(.received, frame)
      guard isServer else { return }
      gauge.received(frame)
      judge(frame)
    }
    if isServer, input.sawSelfDependency { violation = .protocolError }
  }

  private func judge(_ frame: FrameHeader) {
    switch frame.type {
    case FrameHeader.data: checkClosed(frame.streamID)
    case FrameHeader.reset:
      if closed.end(id: frame.streamID) == nil { closed.insert(id: frame.streamID, .reset) }
    case FrameHeader.priority:
      // We told the peer that we heed no priorities, so nghttp2 does not look at these (RFC 9113, section 6.3).
      if frame.streamID == 0 { violation = .protocolError }
    default: break
    }
  }

  /// HEADERS begin on a stream; `isOpen`: it is among those that are.
  func beginHeaders(id: Int32, isOpen: Bool) {
    guard id % 2 == 1, !isOpen else { return }
    if skipped.received(id: id) { violation = .protocolError }
    checkClosed(id)
  }

  private func checkClosed(_ id: Int32) {
    switch closed.end(id: id) {
    case .complete: violation = .streamClosed
    case .reset: if lateStreams.last != id { lateStreams.append(id) }
    case nil: break
    }
  }

  /// Adds a field, or notes that there is no room for it; answers whether to go on with the block.
  ///
  /// A field that is named by one byte costs nghttp2 a look at all of its value, so that a block far above the limit is not
  /// worth reading to its end.
  func addHeader(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
    guard
      headers.append(
        name, value, bytesMax: limits.headerListBytesMax, fieldsMax: limits.headerFieldsMax)
    else {
      droppedHeaderBytes += name.count + value.count + 32
      return droppedHeaderBytes <= Self.droppedTimesMax * limits.headerListBytesMax
    }
    return true
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
    if isServer, !table.streams[slot].wasResetByUs {
      let isComplete = table.streams[slot].isRemoteEnded
      closed.insert(id: table.streams[slot].id, isComplete ? .complete : .reset)
    }
    events.append(.closed(table.reference(slot: slot), code))
    table.close(slot: slot)
  }
}
