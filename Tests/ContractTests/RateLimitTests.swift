import CapacityAPI
import CapacityEngine
import CupoContract
import CupoSchema
import Testing

/// The checks of rate limits: they pass where there are some, and notice where there are none or where they are wrong.
@Suite struct RateLimitTests {
  private func report(
    _ rules: [RateRules.Rule], hasRateLimits: Bool = true
  ) async throws -> ContractReport {
    let real = try await RealServer.start(limits: CallLimits(RateRules(rules)))
    var target = real.target
    target.hasRateLimits = hasRateLimits
    let report = try await ContractSuite.run(target, filter: "rate limits")
    await real.stop()
    return report
  }

  @Test func aServerThatLimitsBuyersPasses() async throws {
    let report = try await report([
      .init(role: .buyer, method: nil, limit: RateLimit(calls: 2, seconds: 1, burst: 20))
    ])
    #expect(report.results.count == 2)
    for failure in report.failures { Issue.record("\(failure.failure?.got ?? "")") }
  }

  @Test func aServerThatDoesNotIsNoticed() async throws {
    let report = try await report([])
    #expect(report.failures.count == 2)
  }

  @Test func whoSaysNothingOfLimitsIsNotAsked() async throws {
    #expect(try await report([], hasRateLimits: false).results.isEmpty)
  }
}
