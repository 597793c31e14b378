// Limits is what keeps callers from asking for more than their part, and the server from taking on more than it can do in time:
// buckets of tokens for each caller, and a look at the lane's queue. Both are asked at the headers of a call, behind Access.
//
// It is not for what a message or a connection may be: that is RPC's. What waits too long all the same is the engine's matter.
//
// Before changing it, know this: a Release passes, whatever the limits are (I12), and so does what anybody may call.

internal import CapacityEngine
internal import CupoSchema
internal import Identity
internal import Protobuf
internal import RPC
internal import Synchronization

/// What a call has to pass besides Access.
package final class CallLimits: Sendable {
  /// Buckets at most, unless it is made otherwise: 100 bytes each, and what a subject has.
  package static let bucketsMax = 65_536

  private let rules: RateRules
  private let table: Mutex<BucketTable>
  private let clock: @Sendable () -> Int64

  /// - Parameters:
  ///   - rules: without any, nobody is limited, and a call costs nothing.
  ///   - clock: nanoseconds, never going back.
  package init(
    _ rules: RateRules = RateRules([]), bucketsMax: Int = CallLimits.bucketsMax,
    clock: @escaping @Sendable () -> Int64 = CallLimits.nanoseconds
  ) {
    self.rules = rules
    table = Mutex(BucketTable(placesMax: bucketsMax))
    self.clock = clock
  }

  /// Says no to a call of this principal, or nothing.
  typealias Check = @Sendable (Principal, CallContext) -> RPCError?

  /// What the calls at `path` have to pass; nil: nothing.
  func check(of path: String, _ engine: Engine?) -> Check? {
    // Giving back is never refused.
    guard path != CapacityService.release.path else { return nil }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let candidates = rules.candidates(name)
    let answers = OverloadAnswers()
    return { [self] principal, call in
      // A call that is shed costs its caller no token.
      if let engine, !engine.admits(until: call.deadline) {
        return answers.answer(afterWait: engine.expectedWait, to: call)
      }
      guard !candidates.isEmpty, let refusal = refusal(principal, candidates) else { return nil }
      return refusal.status(of: call)
    }
  }

  private func refusal(
    _ principal: Principal, _ candidates: [RateRules.Candidate]
  ) -> Refusal? {
    var demands: [(key: BucketTable.Key, limit: RateLimit)] = []
    for isForAll in [true, false] {
      let rule = candidates.first { $0.isForAll == isForAll && $0.fits(principal) }
      guard let rule, let limit = rule.limit else { continue }
      demands.append((.init(subject: principal.subject, rule: rule.number), limit))
    }
    guard !demands.isEmpty else { return nil }
    let now = clock()
    guard let wait = table.withLock({ $0.take(demands, at: now) }) else { return nil }
    var refusal = Refusal(.rateLimited)
    // Rounded up: who comes then finds a token.
    refusal.retryMilliseconds = max(1, (wait + 999_999) / 1_000_000)
    return refusal
  }

  private static let start = ContinuousClock.now

  /// Nanoseconds since the process first asked.
  @Sendable
  package static func nanoseconds() -> Int64 {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
