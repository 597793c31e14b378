internal import NIOCore

extension LoopExecutor {
  /// The loop's monotonic clock.
  static var nowMilliseconds: Int64 {
    Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
  }

  /// Calls `target` on the loop once `timeout` has passed. To be called on the loop.
  func setDeadline(_ target: any DeadlineWheel.Target, after timeout: Duration)
    -> DeadlineWheel.Entry
  {
    let now = Self.nowMilliseconds
    let wheel = local.deadlines
    if wheel.isEmpty { scheduleTick() }
    return wheel.set(target, atMilliseconds: now + timeout.wholeMilliseconds, nowMilliseconds: now)
  }

  private func scheduleTick() {
    eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(DeadlineWheel.tickMilliseconds)
    ) { self.tick() }
  }

  private func tick() {
    beginTurn()
    let wheel = local.deadlines
    wheel.advance(toMilliseconds: Self.nowMilliseconds)
    if !wheel.isEmpty { scheduleTick() }
    finishTurn()
  }
}

extension Duration {
  /// Rounded up; as long as a timer can be, at most (a century).
  var wholeMilliseconds: Int64 {
    let limit: Int64 = 100 * 365 * 86_400
    guard components.seconds < limit else { return limit * 1_000 }
    let fraction = components.attoseconds
    return components.seconds * 1_000 + (fraction + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}
