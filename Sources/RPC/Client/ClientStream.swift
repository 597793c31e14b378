internal import HTTP2

/// What a call of a client has received so far. A machine without I/O.
struct ClientStream {
  /// How the call ended.
  enum Ending: Equatable {
    case ok
    /// `isUnprocessed`: the server has not looked at the call, so that it can safely be tried again.
    case failed(RPCError, isUnprocessed: Bool)
  }

  private enum Phase {
    case awaitingHeaders
    case receiving
    case ended
  }

  private var phase = Phase.awaitingHeaders
  private var reader: MessageReader

  init(messageBytesMax: Int) {
    reader = MessageReader(bytesMax: messageBytesMax)
  }

  var isEnded: Bool { phase == .ended }

  /// Takes headers or trailers; answers how the call ended, if it did.
  mutating func received(_ block: HeaderBlock, endStream: Bool) -> Ending? {
    switch phase {
    case .ended: return nil
    case .receiving: return endStream ? end(with: block) : nil
    case .awaitingHeaders:
      let head = ResponseHead(block)
      if head.isInterim { return nil }
      if endStream, head.hasStatus { return end(with: block) }
      if let error = head.error { return end(.failed(error, isUnprocessed: false)) }
      phase = .receiving
      reader.takesCompressed = head.isGzip
      return endStream ? end(with: block) : nil
    }
  }

  /// Takes bytes of the body, appends complete messages; answers how the call ended, if it did.
  mutating func received(
    _ bytes: Span<UInt8>, endStream: Bool, messages: inout [WireMessage]
  ) -> Ending? {
    guard phase == .receiving else { return nil }
    reader.append(bytes)
    do throws(MessageReader.Fault) {
      while let message = try reader.next() { messages.append(message) }
    } catch {
      return end(.failed(Self.error(error), isUnprocessed: false))
    }
    return endStream ? end(with: HeaderBlock()) : nil
  }

  /// The stream is gone; answers how the call ended, unless that is known already.
  mutating func closed(_ code: ErrorCode) -> Ending? {
    guard phase != .ended else { return nil }
    let error = RPCError(
      code: StatusCode(reset: code.rawValue),
      message: "the server reset the call (\(code.rawValue))")
    return end(.failed(error, isUnprocessed: code == .refusedStream))
  }

  /// The call ends from this side, or with its connection.
  mutating func failed(_ error: RPCError, isUnprocessed: Bool = false) -> Ending? {
    phase == .ended ? nil : end(.failed(error, isUnprocessed: isUnprocessed))
  }

  private mutating func end(with block: HeaderBlock) -> Ending {
    if let error = StatusTrailers.outcome(block) {
      return end(.failed(error, isUnprocessed: false))
    }
    guard reader.isAtBoundary else {
      return end(.failed(Self.error(.malformed), isUnprocessed: false))
    }
    return end(.ok)
  }

  private mutating func end(_ ending: Ending) -> Ending {
    phase = .ended
    return ending
  }

  static func error(_ fault: MessageReader.Fault) -> RPCError {
    switch fault {
    case .tooLarge(let limit):
      RPCError(code: .resourceExhausted, message: "a message may have \(limit) bytes")
    case .compressed: RPCError(code: .internal, message: "the answer is compressed, unasked")
    case .malformed: RPCError(code: .internal, message: "the answer breaks off or is malformed")
    }
  }
}
