import Dispatch
import Synchronization

/// Where work waits for the lane's thread: the one place in the engine where threads meet.
final class Mailbox: Sendable {
  private struct State {
    var waiting: [Work] = []
    var urgentCount = 0
    // Of what is not urgent, in commands and reads.
    var size = 0
    var isStopped = false
  }

  private let waitingMax: Int
  private let state = Mutex(State())
  // Signalled when there is something after there was nothing, so that a busy lane costs no wake-ups.
  private let arrival = DispatchSemaphore(value: 0)

  /// - Parameter waitingMax: how much may wait; as much again for what goes ahead of the rest.
  init(waitingMax: Int) {
    self.waitingMax = waitingMax
  }

  /// Adds `work`, or says why it cannot wait here.
  func post(_ work: Work) -> EngineError? {
    let isUrgent = work.isUrgent
    let (error, isFirst) = state.withLock { state -> (EngineError?, Bool) in
      if state.isStopped { return (.stopping, false) }
      let size = isUrgent ? state.urgentCount : state.size
      if size + work.size > waitingMax { return (.overloaded, false) }
      if isUrgent { state.urgentCount += 1 } else { state.size += work.size }
      state.waiting.append(work)
      return (nil, state.waiting.count == 1)
    }
    if isFirst { arrival.signal() }
    return error
  }

  /// Ends the present wait for work, or the next one.
  func nudge() {
    arrival.signal()
  }

  /// No more work is taken; what waits is still handed out.
  func stop() {
    state.withLock { $0.isStopped = true }
    arrival.signal()
  }

  /// Exchanges `batch`, which must be empty, for everything that waits. Waits for work at most `seconds`.
  /// - Returns: false when the mailbox is stopped and nothing waits any more.
  func take(into batch: inout [Work], waitingAtMost seconds: Double) -> Bool {
    if exchange(&batch) { return true }
    // A signal that is left over from work taken already ends the wait early, once; that does no harm.
    _ = arrival.wait(timeout: .now() + seconds)
    return exchange(&batch) || !state.withLock { $0.isStopped }
  }

  private func exchange(_ batch: inout [Work]) -> Bool {
    state.withLock { state in
      swap(&batch, &state.waiting)
      (state.urgentCount, state.size) = (0, 0)
    }
    return !batch.isEmpty
  }
}
