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
    set(target, after: timeout, on: local.deadlines)
  }

  /// The same for what may be noticed a tenth of a second late, and costs the loop less for it.
  func setWatch(_ target: any DeadlineWheel.Target, after timeout: Duration)
    -> DeadlineWheel.Entry
  {
    set(target, after: timeout, on: local.watches)
  }

  private func set(
    _ target: any DeadlineWheel.Target, after timeout: Duration, on wheel: DeadlineWheel
  ) -> DeadlineWheel.Entry {
    let now = Self.nowMilliseconds
    if !wheel.isTicking { scheduleTick(wheel) }
    return wheel.set(target, atMilliseconds: now + timeout.wholeMilliseconds, nowMilliseconds: now)
  }

  private func scheduleTick(_ wheel: DeadlineWheel) {
    wheel.isTicking = true
    eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(wheel.tickMilliseconds)) {
      self.tick(wheel)
    }
  }

  private func tick(_ wheel: DeadlineWheel) {
    beginTurn()
    wheel.advance(toMilliseconds: Self.nowMilliseconds)
    wheel.isTicking = false
    if !wheel.isEmpty { scheduleTick(wheel) }
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
