/// How a client repeats a call whose server is unavailable. For calls only that may be carried out twice: that read, or
/// that carry a key by which the server knows them again.
package struct RetryPolicy: Sendable, Equatable {
  /// Attempts in all, the first one included.
  package var attemptsMax = 5
  /// The longest pause before the second attempt; it doubles from there.
  package var firstPause: Duration = .milliseconds(50)
  /// No pause is longer.
  package var longestPause: Duration = .seconds(5)

  package init() {}

  /// The pause before attempt `number` (2 is the first repetition), `jitter` between 0 and 1 being drawn anew for each:
  /// callers who failed together must not come back together.
  func pause(before number: Int, jitter: Double) -> Duration {
    let doubled = firstPause * (1 << min(number - 2, 20))
    return min(doubled, longestPause) * jitter
  }
}

/// The attempts of one call. A value without I/O but for the clock and the dice.
struct Attempts {
  private let policy: RetryPolicy?
  private let end: ContinuousClock.Instant?
  private var number = 1

  init(_ policy: RetryPolicy?, timeout: Duration?) {
    self.policy = policy
    end = timeout.map { ContinuousClock.now + $0 }
  }

  /// What is left of the call's time for the next attempt.
  var timeLeft: Duration? {
    end.map { max(.zero, $0 - .now) }
  }

  /// How long to wait before the next attempt; nil: `error` is the answer.
  mutating func pause(after error: RPCError) -> Duration? {
    guard let policy, error.code == .unavailable, number < policy.attemptsMax else { return nil }
    number += 1
    let pause = policy.pause(before: number, jitter: .random(in: 0...1))
    if let timeLeft, pause >= timeLeft { return nil }
    return pause
  }
}
