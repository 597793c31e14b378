import SeededRandom
import Testing

@testable import RPC

@Suite("Deadlines of a loop")
struct DeadlineWheelTests {
  final class Target: DeadlineWheel.Target {
    var expiredAt: Int64?
    var now: () -> Int64 = { 0 }
    func expire() { expiredAt = now() }
  }

  /// Never early, late by a tick at most, lifted ones never.
  @Test func deadlinesExpireOnTime() {
    var random = SplitMix("deadlines")
    let wheel = DeadlineWheel()
    var now: Int64 = 1_000_000
    var set: [(target: Target, at: Int64)] = []
    var lifted: [Target] = []
    for _ in 0..<3_000 {
      now += Int64.random(in: 0...8, using: &random)
      wheel.advance(toMilliseconds: now)
      let target = Target()
      target.now = { now }
      let at = now + Int64.random(in: 0...9_000, using: &random)
      let entry = wheel.set(target, atMilliseconds: at, nowMilliseconds: now)
      if Int.random(in: 0..<3, using: &random) == 0 {
        wheel.lift(entry)
        wheel.lift(entry)
        lifted.append(target)
      } else {
        set.append((target, at))
      }
    }
    while !wheel.isEmpty {
      now += 1
      wheel.advance(toMilliseconds: now)
    }
    for (target, at) in set {
      let late = (target.expiredAt ?? 0) - at
      #expect(late >= 0 && late <= DeadlineWheel.tickMilliseconds + 8)
    }
    #expect(lifted.allSatisfy { $0.expiredAt == nil })
  }

  @Test func aLongSleepExpiresAll() {
    let wheel = DeadlineWheel()
    let targets = (0..<100).map { _ in Target() }
    for (number, target) in targets.enumerated() {
      _ = wheel.set(target, atMilliseconds: Int64(number) * 100, nowMilliseconds: 0)
    }
    wheel.advance(toMilliseconds: 100_000)
    #expect(wheel.isEmpty && targets.allSatisfy { $0.expiredAt != nil })
  }

  @Test(arguments: [
    (Duration.zero, Int64(0)), (.nanoseconds(1), 1), (.milliseconds(5), 5),
    (.microseconds(5_001), 6),
    (.seconds(-1), -1_000), (.seconds(Int64.max), 100 * 365 * 86_400 * 1_000),
  ])
  func durationsRoundUp(duration: Duration, milliseconds: Int64) {
    #expect(duration.wholeMilliseconds == milliseconds)
  }
}
