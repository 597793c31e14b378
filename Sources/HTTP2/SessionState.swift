/// What the callbacks of a session write to. The session owns it, and nghttp2 carries a pointer to it.
final class SessionState {
  let limits: SessionLimits
  let isServer: Bool
  var events: [Event] = []
  var table = StreamTable()
  var skipped = SkippedStreams()
  /// The header block in progress; HTTP/2 lets no other frame come between.
  var headers = HeaderBlock()
  /// The peer sent a stream identifier that goes backwards.
  var sawBackwardStream = false
  /// Streams whose answer is complete before the request: told to stop once the answer is out.
  var answeredEarly: [Int32] = []
  /// Where the input of this ``Session/receive(_:events:)`` begins, to turn pointers into offsets.
  var inputAddress: UInt = 0

  init(limits: SessionLimits, isServer: Bool) {
    self.limits = limits
    self.isServer = isServer
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
    events.append(.closed(table.reference(slot: slot), ErrorCode(rawValue: code)))
    table.close(slot: slot)
  }
}
