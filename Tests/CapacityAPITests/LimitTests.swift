import CapacityEngine
import CupoSchema
import Identity
import MemoryStorage
import Protobuf
import RPC
import Synchronization
import Testing

@testable import CapacityAPI

/// Limits as callers meet them.
@Suite(.timeLimit(.minutes(5)))
struct LimitTests {
  final class Clock: Sendable {
    private let state = Mutex<Int64>(0)
    var now: Int64 { state.withLock { $0 } }
    func advance(milliseconds: Int64) { state.withLock { $0 += milliseconds * 1_000_000 } }
  }

  private func house(_ rules: [RateRules.Rule], _ clock: Clock) async throws -> House {
    let house = try await House(limits: CallLimits(RateRules(rules), clock: { clock.now }))
    try await house.furnish()
    return house
  }

  private func refusal(_ call: () async throws -> Void) async throws -> Told? {
    do {
      try await call()
      return nil
    } catch let error as RPCError {
      return try Told(error)
    }
  }

  @Test func whoCallsTooOftenIsToldWhenToGoOn() async throws {
    let clock = Clock()
    let house = try await house(
      [.init(role: nil, method: nil, limit: RateLimit(calls: 2, seconds: 1, burst: 3))], clock)
    for _ in 0..<3 { _ = try await house.availability("ticket") }
    let told = try #require(try await refusal { _ = try await house.availability("ticket") })
    #expect(told.code == .resourceExhausted && told.reason == "RATE_LIMITED")
    #expect(told.retryAfter == 500)
    clock.advance(milliseconds: 499)
    #expect(try await refusal { try await house.reserve("ticket") }?.retryAfter == 1)
    clock.advance(milliseconds: 1)
    try await house.reserve("ticket")
    await house.close()
  }

  @Test func releasesAreNotLimited() async throws {
    let house = try await house(
      [
        .init(role: nil, method: nil, limit: RateLimit(calls: 1, seconds: 3_600, burst: 1)),
        .init(role: nil, method: "Release", limit: RateLimit(calls: 1, seconds: 3_600, burst: 1)),
      ], Clock())
    let id = try await house.reserve("ticket").reservation?.reservationID ?? ""
    #expect(try await refusal { try await house.reserve("ticket") } != nil)
    for _ in 0..<20 { _ = try await house.release(id) }
    await house.close()
  }

  @Test func theFirstRuleThatFitsCounts() async throws {
    let house = try await house(
      [
        .init(
          role: .admin, method: "Reserve", limit: RateLimit(calls: 1, seconds: 3_600, burst: 2)),
        .init(role: nil, method: "Reserve", limit: RateLimit(calls: 1, seconds: 3_600, burst: 1)),
        .init(role: .admin, method: nil, limit: nil),
        .init(role: nil, method: nil, limit: RateLimit(calls: 1, seconds: 3_600, burst: 1)),
      ], Clock())
    for _ in 0..<2 { try await house.reserve("ticket") }
    #expect(try await refusal { try await house.reserve("ticket") }?.reason == "RATE_LIMITED")
    for _ in 0..<20 { _ = try await house.availability("ticket") }
    await house.close()
  }

  // MARK: The lane's queue

  @Test func whoseTimeIsUpBeforeItsTurnIsNotCarriedOut() async throws {
    let house = try await House()
    try await house.furnish()
    // Long enough for the next call to come and its time to be up, also on a busy machine.
    house.faults.arm(.delay(microseconds: 3_000_000), at: .commit)
    let before = house.faults.callCount(.commit)
    async let slow = house.reserve("ticket", 1, key: "slow")
    while house.faults.callCount(.commit) == before { try await Task.sleep(for: .milliseconds(1)) }
    var request = ReserveRequest()
    request.idempotencyKey = "late"
    request.lines = [Line()]
    request.lines[0].productID = "ticket"
    request.lines[0].quantity = 1
    request.buyerID = "bea"
    // It may be the client that says so, which knows no details.
    let error = await #expect(throws: RPCError.self) {
      _ = try await house.client.unary(
        CapacityService.reserve, request, timeout: .milliseconds(100))
    }
    #expect(error?.code == .deadlineExceeded)
    _ = try await slow
    #expect(try await house.availability("ticket").slots.first?.held == 1)
    await house.close()
  }
}
