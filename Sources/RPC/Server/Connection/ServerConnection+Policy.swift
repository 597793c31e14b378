internal import HTTP2
internal import NIOCore

// The shell around ConnectionPolicy: one entry of the loop's coarse wheel for each connection, and the deeds.

extension ServerConnection: DeadlineWheel.Target {
  /// Sees to it that the policy is asked in time. Cheap where nothing has moved forward.
  func watch() {
    // A write may end the connection on the spot; whoever wrote must not have it watched, and so kept, after that.
    guard isActive else { return }
    let due = policy.due
    guard due < watchedUntil else { return }
    unwatch()
    watchedUntil = due
    let wait = max(0, due - LoopExecutor.nowMilliseconds)
    watchEntry = executor.setWatch(self, after: .milliseconds(wait))
  }

  func unwatch() {
    if let watchEntry { executor.local.watches.lift(watchEntry) }
    (watchEntry, watchedUntil) = (nil, .max)
  }

  func expire() {
    (watchEntry, watchedUntil) = (nil, .max)
    for action in policy.tick(LoopExecutor.nowMilliseconds) { perform(action) }
    watch()
  }

  /// What came in this read, as far as it tells how the peer behaves.
  func judgeInput(_ now: Int64) {
    policy.received(now, unfinished: session.unfinishedFrame)
    let pings = session.pingsReceived
    defer { pingsSeen = pings }
    guard pings != pingsSeen else { return }
    let action = policy.receivedPings(
      pings - pingsSeen, openCalls: session.openStreams, answers: session.answersSent, now)
    if let action { perform(action) }
  }

  private func perform(_ action: ConnectionPolicy.Action) {
    switch action {
    case .ping: session.ping(Self.keepalivePing)
    case .drain: drain()
    case .cancelCalls: cancelAll()
    case .refuse(let refusal): refuse(refusal)
    case .abort: return abort()
    case .sweep: sweep()
    }
    markDirty()
  }

  private func sweep() {
    let stalls = session.endPeriod(
      inputPeriods: policy.requestPeriods, outputPeriods: policy.responsePeriods)
    for stall in stalls where stall.side == .output || awaitsInput(stall.stream) {
      session.reset(stall.stream, .cancel)
    }
  }

  /// Tells our own pings apart: 1 belongs to the drain.
  private static let keepalivePing: UInt64 = 2
}
