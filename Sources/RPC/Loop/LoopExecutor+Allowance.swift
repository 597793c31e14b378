internal import NIOCore

extension LoopExecutor {
  /// Notes that a call has begun. While calls begin, a timer tells whether the loop keeps up with them.
  func noteCall() {
    local.callsBegun &+= 1
    if !local.isTimed { setTimer() }
  }

  private func setTimer() {
    local.isTimed = true
    let due = Self.nowMilliseconds + CallAllowance.tickMilliseconds
    let begun = local.callsBegun
    eventLoop.assumeIsolated()
      .scheduleTask(in: .milliseconds(CallAllowance.tickMilliseconds)) {
        self.tick(due: due, callsBegun: begun)
      }
  }

  private func tick(due: Int64, callsBegun: UInt64) {
    local.isTimed = false
    let wasLowered = local.allowance.isLowered
    local.allowance.ticked(
      due: due, at: Self.nowMilliseconds, connections: local.connections)
    if local.allowance.isLowered != wasLowered { allowanceChanged(!wasLowered) }
    if local.callsBegun != callsBegun || local.allowance.isLowered {
      setTimer()
    } else {
      local.allowance.rested()
    }
  }
}
