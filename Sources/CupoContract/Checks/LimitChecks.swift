internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// How often callers may call: for servers of which it is known that they limit a buyer.
enum LimitChecks {
  /// Calls at the same time, and in all: a limit beyond that is none that this suite meets.
  private static let (atOnce, callsMax) = (50, 10_000)
  /// What a check has time to wait for.
  private static let waitMax: Duration = .seconds(10)

  static func list() -> [ContractCheck] {
    [
      ContractCheck(
        "", "rate limits: who calls too often is told when to go on", needsTokens: true,
        needsRateLimits: true, wait),
      ContractCheck(
        CapacityService.release.path, "rate limits: giving back is not refused",
        needsTokens: true, needsRateLimits: true, release),
    ]
  }

  private static func wait(_ run: ContractRun) async throws(CheckFailure) {
    let caller = try await buyer(run)
    let refusal = try await exhaust(caller)
    guard let delay = refusal.retryInfos.first?.retryDelay, delay.isWellFormed else {
      throw CheckFailure(expected: "RATE_LIMITED with RetryInfo", got: refusal.summary)
    }
    let wait = Duration.seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
    try expect(
      wait > .zero && wait <= waitMax, "a wait of at most \(waitMax), which can be checked",
      got: "\(wait)")
    // Others have their own.
    try await expectLetIn(try await buyer(run), "another buyer")
    try await run.wait(wait)
    try await expectLetIn(caller, "the same buyer, after RetryInfo's \(wait)")
  }

  private static func release(_ run: ContractRun) async throws(CheckFailure) {
    let caller = try await buyer(run)
    _ = try await exhaust(caller)
    for _ in 0..<atOnce {
      try await caller.refused(
        CapacityService.release, ContractRun.releaseRequest("rsv_0000000000000"),
        .reservationNotFound)
    }
  }

  private static func buyer(_ run: ContractRun) async throws(CheckFailure) -> Caller {
    try await run.caller(
      bearing: ContractToken(subject: run.fresh("buyer"), roles: [.buyer]))
  }

  private static let question: [UInt8] = {
    var request = GetReservationRequest()
    request.name = .reservationID("rsv_0000000000000")
    return Caller.frame(request.encoded())
  }()

  private static func ask(_ caller: Caller) async -> Answer {
    await caller.raw(CapacityService.getReservation.path, body: question)
  }

  private static func reason(_ answer: Answer) -> ErrorReason? {
    guard case .error(let error) = answer else { return nil }
    return ErrorAnswer(error).reason
  }

  /// Calls until it is told to wait.
  private static func exhaust(_ caller: Caller) async throws(CheckFailure) -> ErrorAnswer {
    for _ in 0..<callsMax / atOnce {
      let limited = await withTaskGroup(of: Answer.self) { group in
        for _ in 0..<atOnce { group.addTask { await ask(caller) } }
        var limited: Answer?
        for await answer in group where reason(answer) == .rateLimited { limited = answer }
        return limited
      }
      guard let limited else { continue }
      return try caller.judge(
        limited, CapacityService.getReservation.path, [.rateLimited], nil)
    }
    throw CheckFailure(
      expected: "RATE_LIMITED within \(callsMax) calls of one buyer", got: "none")
  }

  private static func expectLetIn(
    _ caller: Caller, _ who: String
  ) async throws(CheckFailure) {
    let answer = await ask(caller)
    try expect(
      reason(answer) == .reservationNotFound, "\(who) is let in", got: answer.summary)
  }
}
