/// What has come of a request stream and the handler has not taken yet. It never leaves its loop.
///
/// What is here stays bounded because the peer gets back of its window only what ``take()`` and a reader that waits
/// have asked for.
final class RequestInbox {
  /// What a reader gets.
  enum Next: Sendable {
    case message(WireMessage)
    /// The peer has sent all.
    case end
    /// The call is over, or the reader's task cancelled.
    case gone
  }

  /// A handler's task that waits for a message.
  private struct Reader {
    let ticket: WaitTicket
    let continuation: CheckedContinuation<Next, Never>
  }

  private var messages: [WireMessage] = []
  private var first = 0
  private var ending: Next?
  private var reader: Reader?
  /// Bytes of the peer's window that it has used and not got back.
  private var owed = 0
  private var due = 0

  var isEmpty: Bool { first == messages.count }

  /// Whether the peer waits for window that it will get as the handler reads.
  var isWithholding: Bool { owed > 0 && !(reader != nil && isEmpty) }

  // MARK: What comes

  /// Bytes of the body have come.
  func received(bytes: Int) {
    owed += bytes
  }

  func append(_ message: WireMessage) {
    messages.append(message)
  }

  /// No more will come. The first ending counts, and ``Next/gone`` takes back what is here.
  func end(_ next: Next) {
    if case .gone = next {
      messages = []
      first = 0
      ending = .gone
    } else if ending == nil {
      ending = next
    }
  }

  // MARK: Who reads

  /// The next message, or how the stream ended; nil: wait.
  func take() -> Next? {
    guard !isEmpty else { return ending }
    let message = messages[first]
    messages[first].bytes = []
    first += 1
    if isEmpty {
      messages.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 64, first * 2 >= messages.count {
      messages.removeFirst(first)
      first = 0
    }
    due += message.bytes.count + MessageReader.prefixBytes
    return .message(message)
  }

  func wait(_ ticket: WaitTicket, _ continuation: CheckedContinuation<Next, Never>) {
    if ticket.isCancelled { return continuation.resume(returning: .gone) }
    if let next = take() { return continuation.resume(returning: next) }
    precondition(reader == nil, "a request stream has one reader")
    reader = Reader(ticket: ticket, continuation: continuation)
  }

  /// The task that holds `ticket` was cancelled.
  func abandon(_ ticket: WaitTicket) {
    guard let reader, reader.ticket === ticket else { return }
    self.reader = nil
    reader.continuation.resume(returning: .gone)
  }

  /// Hands over what a reader waits for, if it is here.
  func deliver() {
    guard let reader, let next = take() else { return }
    self.reader = nil
    reader.continuation.resume(returning: next)
  }

  /// The bytes of the window to give back now: those of messages that were taken, and, since a message may be larger
  /// than the window, those of the part that a reader waits to see completed.
  func windowToReturn() -> Int {
    let bytes = reader != nil && isEmpty ? owed : min(due, owed)
    owed -= bytes
    due = 0
    return bytes
  }
}
