import CapacityEngine
import CupoSchema
import Testing

@testable import CapacityAPI

/// Rules of rates as people write them.
struct RateRulesTests {
  @Test func rulesAreReadInTheirOrder() throws {
    let rules = try RateRules(
      text: """
        # role  rpc  rate  burst

        buyer     Reserve  2/s    5   # what a person can do
        checkout\t*  unlimited\r
        *   *   90/m
        admin * 1/h 3
        """)
    #expect(
      rules.rules == [
        .init(role: .buyer, method: "Reserve", limit: RateLimit(calls: 2, seconds: 1, burst: 5)),
        .init(role: .checkout, method: nil, limit: nil),
        .init(role: nil, method: nil, limit: RateLimit(calls: 90, seconds: 60, burst: 1)),
        .init(role: .admin, method: nil, limit: RateLimit(calls: 1, seconds: 3_600, burst: 3)),
      ])
    #expect(try RateRules(text: "").rules.isEmpty)
  }

  @Test(arguments: [
    ("buyer Reserve", "line 1: a rule is"), ("nobody * 1/s", "'nobody' is no role"),
    ("* Reserv 1/s", "'Reserv' is no RPC"), ("* Release 1/s", "never limited"),
    ("* * 1", "'1' is no rate"), ("* * 1/d", "no rate"), ("* * x/s", "no rate"),
    ("* * 0/s", "a rate is between"), ("* * 1/s 0", "a rate is between"),
    ("* * 1/s x", "a rate is between"), ("* * unlimited 5", "no rate"),
    ("\n\n* * 1/s 2 3", "line 3: "), ("* * -5/s", "a rate is between"),
  ])
  func whatIsNoRuleIsNamed(_ text: String, _ complaint: String) {
    let fault = #expect(throws: RateRules.Fault.self) { _ = try RateRules(text: text) }
    #expect(fault?.text.contains(complaint) == true, "\(fault?.text ?? "none")")
  }

  @Test func thereAreNotTooMany() {
    let line = "* * 1/s\n"
    #expect(throws: Never.self) {
      _ = try RateRules(text: String(repeating: line, count: RateRules.rulesMax))
    }
    #expect(throws: RateRules.Fault.self) {
      _ = try RateRules(text: String(repeating: line, count: RateRules.rulesMax + 1))
    }
  }
}
