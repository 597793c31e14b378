import Synchronization

/// Lets one task sleep until somebody rings, its time is over or it is cancelled. A bell that rings while nobody sleeps
/// is heard by the next one who wants to.
final class Bell: Sendable {
  private struct State {
    var waiter: CheckedContinuation<Void, Never>?
    var hasRung = false
    var isClosed = false
    // The time of the present wait is over, or its task is cancelled.
    var isTimeUp = false
    var waitEnds = ContinuousClock.now
    var timer: Task<Void, Never>?
    var timerEnds: ContinuousClock.Instant?

    mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
      defer { waiter = nil }
      return waiter
    }
  }

  private let state = Mutex(State())

  /// Sleeps until the bell rings, at the latest until `end`.
  /// - Returns: false when the bell is closed or the task is cancelled.
  func wait(until end: ContinuousClock.Instant) async -> Bool {
    beginWait(until: end)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state in
          guard !state.hasRung, !state.isClosed, !state.isTimeUp, !Task.isCancelled else {
            return true
          }
          state.waiter = continuation
          return false
        }
        if ready { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
    return state.withLock { state in
      state.hasRung = false
      return !state.isClosed && !Task.isCancelled
    }
  }

  func ring() {
    let waiter = state.withLock { state in
      state.hasRung = true
      return state.takeWaiter()
    }
    waiter?.resume()
  }

  func close() {
    let (waiter, timer) = state.withLock { state in
      state.isClosed = true
      return (state.takeWaiter(), state.timer)
    }
    timer?.cancel()
    waiter?.resume()
  }

  // One timer serves many waits: it looks only when its own time is over whether the present wait goes on, for most
  // waits end by a ring long before.
  private func beginWait(until end: ContinuousClock.Instant) {
    state.withLock { state in
      state.isTimeUp = false
      state.waitEnds = end
      guard !state.isClosed else { return }
      if let timerEnds = state.timerEnds, timerEnds <= end { return }
      state.timer?.cancel()
      state.timerEnds = end
      state.timer = Task { await self.runTimer(until: end) }
    }
  }

  private func runTimer(until end: ContinuousClock.Instant) async {
    var next: ContinuousClock.Instant? = end
    while let end = next {
      // A timer that is cancelled has been replaced, or nobody waits any more.
      guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
      next = state.withLock { state in
        state.timerEnds = state.waitEnds > .now ? state.waitEnds : nil
        return state.timerEnds
      }
    }
    wake()
  }

  private func wake() {
    let waiter = state.withLock { state in
      state.isTimeUp = true
      return state.takeWaiter()
    }
    waiter?.resume()
  }
}
