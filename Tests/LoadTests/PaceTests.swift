import Testing

@testable import Load

@Suite struct PaceTests {
  @Test(arguments: [1.0, 3, 100, 99_999.5])
  func callsAreEvenlySpread(_ rate: Double) {
    let second: UInt64 = 1_000_000_000
    var pace = Pace(from: 500, until: 500 + second, perSecond: rate)
    var times: [UInt64] = []
    // However late the loop is, each keeps the time that it was meant for.
    while let due = pace.next(10 * second) { times.append(due) }
    #expect(pace.isDone && times.count == Int(rate.rounded(.up)))
    for (index, time) in times.enumerated() {
      #expect(time == 500 + UInt64(Double(index) * 1e9 / rate))
    }
  }

  @Test func nothingIsDueBeforeItsTime() {
    var pace = Pace(from: 1_000, until: 4_000, perSecond: 1_000_000)
    #expect(pace.next(999) == nil)
    #expect(pace.next(1_000) == 1_000)
    #expect(pace.next(1_999) == nil)
    #expect(pace.next(2_500) == 2_000)
    #expect(pace.next(2_500) == nil)
    #expect(pace.next(3_000) == 3_000 && pace.isDone)
    #expect(pace.next(.max) == nil)
  }
}
