/// A call with an output queue that any task may write to. It never leaves its loop.
protocol WritableCall: AnyObject {
  /// The tasks that wait for room in the queue.
  var waitingWrites: [WaitingWrite] { get set }

  /// Queues the bytes of a message if there is room.
  func queue(_ first: [UInt8], _ second: [UInt8]) -> WriteResult
}

/// What became of an attempt to write.
enum WriteResult {
  case written
  case full
  case gone
}

/// A task that waits for room.
struct WaitingWrite {
  let ticket: WaitTicket
  let first: [UInt8]
  let second: [UInt8]
  let continuation: CheckedContinuation<Bool, Never>
}

extension WritableCall {
  /// Queues the bytes of a message if there is room and nobody waits for it.
  func write(_ first: [UInt8], _ second: [UInt8]) -> WriteResult {
    waitingWrites.isEmpty ? queue(first, second) : .full
  }

  /// Queues the bytes of a message as soon as there is room, and tells `continuation` whether it came to that.
  func write(
    _ first: [UInt8], _ second: [UInt8], _ ticket: WaitTicket,
    _ continuation: CheckedContinuation<Bool, Never>
  ) {
    if ticket.isCancelled { return continuation.resume(returning: false) }
    switch write(first, second) {
    case .written: continuation.resume(returning: true)
    case .gone: continuation.resume(returning: false)
    case .full:
      waitingWrites.append(
        WaitingWrite(ticket: ticket, first: first, second: second, continuation: continuation))
    }
  }

  /// The task that holds `ticket` was cancelled.
  func abandonWrite(_ ticket: WaitTicket) {
    guard let index = waitingWrites.firstIndex(where: { $0.ticket === ticket }) else { return }
    waitingWrites.remove(at: index).continuation.resume(returning: false)
  }

  /// The output queue has room again.
  func hasRoom() {
    let all = waitingWrites
    waitingWrites = []
    for (index, waiting) in all.enumerated() {
      switch queue(waiting.first, waiting.second) {
      case .written: waiting.continuation.resume(returning: true)
      case .gone: waiting.continuation.resume(returning: false)
      case .full:
        waitingWrites = Array(all[index...])
        return
      }
    }
  }

  /// Nothing can be written any more.
  func endWrites() {
    let all = waitingWrites
    waitingWrites = []
    for waiting in all { waiting.continuation.resume(returning: false) }
  }
}
