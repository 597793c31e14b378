import Capacity
import Synchronization

/// One reader's view of what has changed since it last looked. Changes pile up as a set of pools, never as a queue, so
/// a slow reader costs no more than a fast one.
package final class ChangeSubscription: Sendable {
  /// Beyond this many changes the subscription says that everything may have changed.
  package static let changesMax = 10_000

  private struct State {
    var pending = Changes()
    var waiter: CheckedContinuation<Void, Never>?
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

  private let id: UInt64
  private let resources: Set<String>?
  private let hub: ChangeHub
  private let state = Mutex(State())

  init(id: UInt64, resources: Set<String>?, hub: ChangeHub) {
    self.id = id
    self.resources = resources
    self.hub = hub
  }

  /// Waits until something has changed, at most for `seconds`, and takes it. Empty: the time is over.
  /// - Returns: nil when the subscription has ended or the task is cancelled.
  package func next(waitingAtMost seconds: Double) async -> Changes? {
    beginWait(until: .now + .seconds(seconds))
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready = state.withLock { state in
          guard state.pending.isEmpty, !state.isClosed, !state.isTimeUp, !Task.isCancelled else {
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
      guard !state.isClosed, !Task.isCancelled else { return nil }
      defer { state.pending = Changes() }
      return state.pending
    }
  }

  /// Ends the subscription from the reader's side.
  package func cancel() {
    hub.unsubscribe(id)
    close()
  }

  func receive(_ changes: Changes) {
    var mine = changes
    if let resources { mine.pools = mine.pools.filter { resources.contains($0.resourceID) } }
    guard !mine.isEmpty else { return }
    let waiter = state.withLock { state in
      state.pending.formUnion(mine)
      if state.pending.count > ChangeSubscription.changesMax {
        state.pending = Changes(everything: true)
      }
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
  // waits end by a change long before.
  private func beginWait(until end: ContinuousClock.Instant) {
    state.withLock { state in
      state.isTimeUp = false
      state.waitEnds = end
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
