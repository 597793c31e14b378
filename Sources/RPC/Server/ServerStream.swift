/// What a call has received and answered so far. A machine without I/O.
struct ServerStream {
  /// What to do about what came.
  enum Action: Equatable {
    case nothing
    /// Start the handler with this message.
    case start([UInt8], wasCompressed: Bool)
    case fail(TransportFault)
  }

  /// What bytes of a request stream mean, besides messages.
  enum StreamAction: Equatable {
    case nothing
    /// The peer has sent all.
    case end
    case fail(TransportFault)
  }

  /// What to send.
  enum Answer: Equatable {
    case nothing
    /// Headers, this one message with its prefix, and status OK.
    case whole([UInt8])
    /// Nothing but a status.
    case status(RPCError)
    /// The trailers of an answer that has begun; nil: status OK.
    case trailers(RPCError?)
  }

  private enum Request {
    case receiving(message: WireMessage?)
    case complete
  }

  private enum Response {
    case none
    case begun
    case ended
  }

  private var reader: MessageReader
  private let messageBytesMax: Int
  private var request = Request.receiving(message: nil)
  private var response = Response.none

  /// - Parameter takesCompressed: the request's messages may be compressed.
  init(messageBytesMax: Int, takesCompressed: Bool = false) {
    self.messageBytesMax = messageBytesMax
    reader = MessageReader(bytesMax: messageBytesMax)
    reader.takesCompressed = takesCompressed
  }

  /// Whether there is still something to answer.
  var isOpen: Bool { response != .ended }

  /// Whether the request has begun and is not complete.
  var isMidRequest: Bool {
    if case .receiving = request { isOpen } else { false }
  }

  /// Whether a message has begun and is not complete.
  var isMidMessage: Bool { isMidRequest && !reader.isAtBoundary }

  /// The common case: `bytes`, the last of the body, are all of it and exactly one message.
  ///
  /// - Returns: Whether to start the handler; if not, this is not the common case and ``received(_:endStream:)`` judges.
  mutating func receivedWhole(_ bytes: Span<UInt8>) -> Bool {
    guard case .receiving(message: nil) = request, reader.isAtBoundary, isOpen,
      // What is wrong with the framing is said by `received`.
      let isWhole = try? MessageReader.isWhole(bytes, bytesMax: messageBytesMax), isWhole
    else { return false }
    request = .complete
    return true
  }

  /// Takes bytes of the body.
  mutating func received(_ bytes: Span<UInt8>, endStream: Bool) -> Action {
    guard isOpen, case .receiving(var message) = request else { return .nothing }
    reader.append(bytes)
    do throws(MessageReader.Fault) {
      while let next = try reader.next() {
        guard message == nil else { throw .malformed }
        message = next
      }
      guard endStream else {
        request = .receiving(message: message)
        return .nothing
      }
      request = .complete
      guard let message, reader.isAtBoundary else { throw .malformed }
      let content = try message.content(bytesMax: messageBytesMax)
      return .start(content, wasCompressed: message.isCompressed)
    } catch {
      request = .complete
      return .fail(Self.fault(error))
    }
  }

  /// Takes bytes of a request that is a stream, and puts the messages which they complete into `inbox`.
  mutating func received(
    _ bytes: Span<UInt8>, endStream: Bool, into inbox: RequestInbox
  ) -> StreamAction {
    guard isOpen, case .receiving = request else { return .nothing }
    reader.append(bytes)
    do throws(MessageReader.Fault) {
      while let next = try reader.next() { inbox.append(next) }
      guard endStream else { return .nothing }
      request = .complete
      guard reader.isAtBoundary else { throw .malformed }
      return .end
    } catch {
      request = .complete
      return .fail(Self.fault(error))
    }
  }

  /// Notes that headers go out; answers whether that is new.
  mutating func sendHeaders() -> Bool {
    guard response == .none else { return false }
    response = .begun
    return true
  }

  /// The handler is done: with its one message, or having sent all itself.
  mutating func completed(_ message: [UInt8]?) -> Answer {
    defer { response = .ended }
    switch (response, message) {
    case (.ended, _): return .nothing
    case (.none, let message): return .whole(message ?? [])
    case (.begun, _): return .trailers(nil)
    }
  }

  /// The call has failed.
  mutating func failed(_ error: RPCError) -> Answer {
    defer { response = .ended }
    switch response {
    case .ended: return .nothing
    case .none: return .status(error)
    case .begun: return .trailers(error)
    }
  }

  /// The stream is gone.
  mutating func closed() {
    response = .ended
  }

  static func fault(_ fault: MessageReader.Fault) -> TransportFault {
    switch fault {
    case .tooLarge(let limit): .messageTooLarge(limit: limit)
    case .compressed, .malformed: .malformedFraming
    }
  }
}
