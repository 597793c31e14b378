import Testing

@testable import RPC

@Suite("When a connection has had its time")
struct ConnectionPolicyTests {
  private func policy(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> ConnectionPolicy {
    var limits = ConnectionLimits()
    change(&limits)
    var policy = ConnectionPolicy(limits, now: 0, jitter: 0)
    policy.receivedSettings()
    return policy
  }

  /// Plays until `end`, always at the instant that the machine asked for.
  private func play(_ policy: inout ConnectionPolicy, until end: Int64) -> [(
    Int64, [ConnectionPolicy.Action]
  )] {
    var all: [(Int64, [ConnectionPolicy.Action])] = []
    while policy.due <= end, all.count < 100 {
      let now = policy.due
      let actions = policy.tick(now)
      if !actions.isEmpty { all.append((now, actions)) }
      guard policy.due > now else { break }
    }
    return all
  }

  @Test func nothingHappensBeforeItsTime() {
    var policy = policy()
    #expect(policy.due == 7_200_000)
    #expect(policy.tick(7_199_999).isEmpty)
  }

  @Test func silenceIsAnsweredByAPingAndThenTheEnd() {
    var policy = policy()
    let played = play(&policy, until: 10_000_000)
    #expect(played.map(\.0) == [7_200_000, 7_220_000])
    #expect(played.map(\.1) == [[.ping], [.abort]])
  }

  @Test func anyByteIsASignOfLife() {
    var policy = policy()
    #expect(policy.tick(7_200_000) == [.ping])
    policy.received(7_210_000, unfinished: nil)
    #expect(policy.tick(7_220_000).isEmpty)
    #expect(policy.due == 14_410_000)
  }

  @Test func settingsMustCome() {
    var policy = ConnectionPolicy(ConnectionLimits(), now: 5, jitter: 0)
    #expect(policy.due == 20_005)
    #expect(policy.tick(20_005) == [.refuse(.settingsTimeout)])
  }

  @Test func anUnfinishedFrameHasItsTimeOnce() {
    var policy = policy()
    policy.received(100, unfinished: 7)
    policy.received(9_000, unfinished: 7)
    #expect(policy.due == 10_100)
    policy.received(9_500, unfinished: 8)
    #expect(policy.due == 19_500)
    #expect(policy.tick(19_500) == [.refuse(.headersTimeout)])
    policy.received(19_600, unfinished: nil)
    #expect(policy.due > 100_000)
  }

  @Test func ageHasItsGraceAndThenNoMore() {
    var policy = policy {
      ($0.ageMax, $0.ageGrace) = (.seconds(100), .seconds(10))
      $0.keepaliveInterval = nil
    }
    let played = play(&policy, until: 1_000_000)
    #expect(played.map(\.0) == [100_000, 110_000, 115_000])
    #expect(played.map(\.1) == [[.drain], [.cancelCalls], [.abort]])
  }

  @Test(arguments: [(-1.0, 90_000), (0.5, 105_000)])
  func agesDiffer(jitter: Double, expected: Int64) {
    var limits = ConnectionLimits()
    (limits.ageMax, limits.keepaliveInterval) = (.seconds(100), nil)
    var policy = ConnectionPolicy(limits, now: 0, jitter: jitter)
    policy.receivedSettings()
    #expect(policy.due == expected)
  }

  @Test func idlenessEndsWithACall() {
    var policy = policy { $0.idleMax = .seconds(10) }
    policy.counted(openCalls: 1, 9_000)
    #expect(policy.tick(10_000).isEmpty)
    policy.counted(openCalls: 0, 12_000)
    #expect(play(&policy, until: 22_000).last?.1 == [.drain])
  }

  @Test func sweepsEndWithTheCalls() {
    var policy = policy { $0.requestStallTimeout = .seconds(8) }
    policy.counted(openCalls: 3, 0)
    #expect(policy.due == 2_000 && policy.requestPeriods == 4)
    #expect(policy.tick(2_000) == [.sweep])
    policy.counted(openCalls: 0, 3_000)
    #expect(policy.tick(4_000) == [.sweep])
    #expect(policy.due > 1_000_000)
  }

  @Test func socketsThatTakeNothingAreLeft() {
    var policy = policy()
    policy.changed(isWritable: false, 1_000)
    policy.changed(isWritable: false, 2_000)
    #expect(policy.due == 301_000)
    policy.changed(isWritable: true, 3_000)
    #expect(policy.due > 301_000)
    policy.changed(isWritable: false, 4_000)
    #expect(policy.tick(304_000) == [.abort])
  }

  /// Instants of pings in seconds; whether calls run; whether we send between them; the ping that is one too many.
  @Test(
    arguments: [
      ([0, 1, 2], true, false, nil), ([0, 1, 2, 3], true, false, 3),
      ([0, 300, 600, 900, 1_200], true, false, nil), ([0, 300, 600, 900], false, false, 3),
      ([0, 7_200, 14_400, 21_600, 28_800], false, false, nil),
      ([0, 1, 2, 3, 4, 5], true, true, nil),
    ] as [([Int64], Bool, Bool, Int?)])
  func pings(at seconds: [Int64], hasCalls: Bool, answers: Bool, refused: Int?) {
    var policy = policy()
    var found: Int?
    for (index, second) in seconds.enumerated() where found == nil {
      let action = policy.receivedPings(
        1, openCalls: hasCalls ? 1 : 0, answers: answers ? index + 1 : 0, second * 1_000)
      if action == .refuse(.tooManyPings) { found = index }
    }
    #expect(found == refused)
  }
}
