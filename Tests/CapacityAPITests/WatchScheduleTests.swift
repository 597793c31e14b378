import Capacity
import SeededRandom
import Testing

@testable import CapacityAPI

/// When slots are due, against a list that is searched.
struct WatchScheduleTests {
  @Test func itAgreesWithASlowOne() {
    var random = SplitMix("watch schedule")
    var schedule = WatchSchedule(count: 50)
    var times: [Int: Instant] = [:]
    var now = Instant(seconds: 0)
    for _ in 0..<5_000 {
      let index = Int.random(in: 0..<50, using: &random)
      let time =
        Int.random(in: 0..<5, using: &random) == 0
        ? nil : now + Interval(seconds: Int64.random(in: 1..<40, using: &random))
      times[index] = time
      schedule.set(time, of: index)
      let next = schedule.next
      #expect(next == times.values.min())
      guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
      now = now + Interval(seconds: Int64.random(in: 0..<9, using: &random))
      let due = times.filter { $0.value <= now }.keys.sorted()
      // Whoever could not look finds them due again.
      for _ in 0..<2 {
        let found = schedule.due(at: now)
        #expect(found == due)
      }
      for index in due {
        times[index] = nil
        schedule.set(nil, of: index)
      }
    }
  }
}
