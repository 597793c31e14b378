import Testing

@testable import RPC

/// How many calls connections may have open: fewer while a loop is late, and as many as ever when it is not.
struct CallAllowanceTests {
  /// Lets `allowance` tick for `period` milliseconds on a loop whose turns take `turn` milliseconds.
  private func run(
    _ allowance: inout CallAllowance, from start: Int64, for period: Int64, turn: Int64,
    connections: Int = 16
  ) -> Int64 {
    var now = start
    while now < start + period {
      let due = now + CallAllowance.tickMilliseconds
      now = max(due, now + turn)
      allowance.ticked(due: due, at: now, connections: connections)
    }
    return now
  }

  @Test(arguments: [1, 10, 25]) func aLoopThatKeepsUpChangesNothing(turn: Int64) {
    var allowance = CallAllowance(callsMax: 1_000)
    _ = run(&allowance, from: 0, for: 10_000, turn: turn)
    #expect(allowance.calls == 1_000 && !allowance.isLowered)
  }

  @Test func aLoopThatIsLateHasFewer() {
    var allowance = CallAllowance(callsMax: 1_000)
    var now = run(&allowance, from: 0, for: 150, turn: 60)
    #expect(allowance.calls == 500 && allowance.isLowered)
    // What was decided is given time to be felt.
    now = run(&allowance, from: now, for: 20, turn: 20)
    #expect(allowance.calls == 500)
    _ = run(&allowance, from: now, for: 10_000, turn: 500)
    #expect(allowance.calls == CallAllowance.callsMin)
  }

  @Test func oneLongTurnIsNoCrowd() {
    var allowance = CallAllowance(callsMax: 1_000)
    var now: Int64 = 0
    for _ in 0..<100 {
      now = run(&allowance, from: now, for: 150, turn: 5)
      now = run(&allowance, from: now, for: 1, turn: 45)
    }
    #expect(allowance.calls == 1_000)
  }

  @Test(arguments: [1, 2, 16, 100, 1_000]) func whatIsLeftKeepsALoopBusy(connections: Int) {
    var allowance = CallAllowance(callsMax: 1_000)
    _ = run(&allowance, from: 0, for: 60_000, turn: 700, connections: connections)
    #expect(allowance.calls >= CallAllowance.callsMin)
    #expect(allowance.calls * connections >= CallAllowance.loopCallsMin)
    let share = CallAllowance.loopCallsMin / connections
    #expect(allowance.calls <= max(CallAllowance.callsMin, share))
  }

  @Test func itRisesAgainStepByStep() {
    var allowance = CallAllowance(callsMax: 1_000)
    var now = run(&allowance, from: 0, for: 10_000, turn: 500)
    var before = allowance.calls
    while allowance.isLowered {
      now = run(&allowance, from: now, for: CallAllowance.periodMilliseconds, turn: 1)
      #expect(allowance.calls <= max(before + before / 8 + 1, 1_000 / 8) || !allowance.isLowered)
      before = allowance.calls
    }
    #expect(allowance.calls == 1_000)
    #expect(now < 20_000)
  }

  /// A server may allow less than would keep a loop busy.
  @Test func aLowLimitStays() {
    var allowance = CallAllowance(callsMax: 4)
    _ = run(&allowance, from: 0, for: 10_000, turn: 500, connections: 1)
    #expect(allowance.calls == 4 && !allowance.isLowered)
  }

  /// Time in which nobody called says nothing.
  @Test func restIsNoDelay() {
    var allowance = CallAllowance(callsMax: 1_000)
    for now: Int64 in stride(from: 0, to: 100_000, by: 1_000) {
      allowance.ticked(due: now, at: now + 90, connections: 1)
      allowance.rested()
    }
    #expect(allowance.calls == 1_000)
  }
}
