import Dispatch
import Synchronization

/// Where work waits for the lane's thread: the one place in the engine where threads meet.
///
/// It takes in only what will have its turn while somebody waits for it, and hands out nothing that nobody waits for any more.
/// What goes ahead of the rest is taken in and handed out whatever the wait.
final class Mailbox: Sendable {
  /// Where the wait is shorter than this nobody looks at the time.
  private static let crowdedMicroseconds: Int64 = 2_000

  private struct State {
    var waiting = WaitingWork()
    var estimate: WaitEstimate
    var isStopped = false
  }

  private let waitingMax: Int
  private let patience: Int64
  private let now: @Sendable () -> Int64
  private let state: Mutex<State>
  // Whether the last look at the wait found it worth another one.
  private let crowded = Atomic<Bool>(false)
  // Signalled when there is something after there was nothing, so that a busy lane costs no wake-ups.
  private let arrival = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - waitingMax: how much may wait; as much again for what goes ahead of the rest.
  ///   - batchMax: how much one batch may have.
  ///   - patience: how long those wait who do not say how long they do, microseconds.
  ///   - now: the time, microseconds.
  init(
    waitingMax: Int, batchMax: Int = WaitEstimate.largestBatch, patience: Int64 = 10_000_000,
    now: @escaping @Sendable () -> Int64 = MonotonicClock.now
  ) {
    self.waitingMax = waitingMax
    self.patience = patience
    self.now = now
    state = Mutex(State(estimate: WaitEstimate(largest: batchMax)))
  }

  /// Whether the wait may be too long for somebody: worth a look before work is prepared at all.
  var isCrowded: Bool { crowded.load(ordering: .relaxed) }

  /// How long work that comes now would wait, microseconds.
  var wait: Int64 {
    state.withLock { $0.estimate.wait(behind: $0.waiting.normalSize, at: now()) }
  }

  /// Whether work of a caller who waits until `deadline` would still be taken in.
  func admits(deadline: Int64) -> Bool {
    guard isCrowded else { return true }
    return state.withLock { admits(deadline, &$0) }
  }

  /// Adds `work`, or says why it cannot wait here.
  ///
  /// - Parameter deadline: when its caller stops waiting.
  func post(_ work: Work, deadline: Int64 = WaitingWork.never) -> EngineError? {
    let isUrgent = work.isUrgent
    let (error, isFirst) = state.withLock { state -> (EngineError?, Bool) in
      if state.isStopped { return (.stopping, false) }
      let size = isUrgent ? state.waiting.urgentCount : state.waiting.normalSize
      if size + work.size > waitingMax { return (.overloaded, false) }
      if !isUrgent, !admits(deadline, &state) { return (.overloaded, false) }
      let isFirst = state.waiting.isEmpty
      state.waiting.append(work, deadline: deadline)
      return (nil, isFirst)
    }
    if isFirst { arrival.signal() }
    return error
  }

  // Half of the time that a caller has left may go by with waiting: the estimate can be wrong by as much again, and the answer
  // has a way to go.
  private func admits(_ deadline: Int64, _ state: inout State) -> Bool {
    let count = state.waiting.normalSize
    guard state.estimate.isLong(behind: count, Self.crowdedMicroseconds) else {
      noteCrowd(false)
      return true
    }
    noteCrowd(true)
    let now = now()
    let left = deadline == WaitingWork.never ? patience : deadline - now
    return state.estimate.wait(behind: count, at: now) <= left / 2
  }

  private func noteCrowd(_ isCrowd: Bool) {
    if isCrowded != isCrowd { crowded.store(isCrowd, ordering: .relaxed) }
  }

  /// Whether anything waits.
  var hasWork: Bool { state.withLock { !$0.waiting.isEmpty } }

  /// Ends the present wait for work, or the next one.
  func nudge() {
    arrival.signal()
  }

  /// No more work is taken; what waits is still handed out.
  func stop() {
    state.withLock { $0.isStopped = true }
    arrival.signal()
  }

  /// Fills `batch`, which must be empty, with what comes next; what was handed out before is done. Waits for work at most
  /// `seconds`. Who has stopped waiting is told so.
  /// - Returns: false when the mailbox is stopped and nothing waits any more.
  func take(into batch: inout [Work], waitingAtMost seconds: Double) -> Bool {
    if exchange(&batch) { return true }
    // A signal that is left over from work taken already ends the wait early, once; that does no harm.
    _ = arrival.wait(timeout: .now() + seconds)
    return exchange(&batch) || !state.withLock { $0.isStopped }
  }

  // Whether anything was waiting.
  private func exchange(_ batch: inout [Work]) -> Bool {
    var late: [Work] = []
    let wasWaiting = state.withLock { state in
      let now = now()
      state.estimate.ended(at: now)
      guard !state.waiting.isEmpty else {
        noteCrowd(false)
        return false
      }
      let size = state.waiting.take(state.estimate.batchMax, at: now, into: &batch, late: &late)
      if !batch.isEmpty { state.estimate.began(count: size, at: now) }
      return true
    }
    for work in late { work.fail(.tooLate) }
    return wasWaiting
  }
}
