internal import CapacityEngine
internal import CupoSchema
internal import Identity
internal import Protobuf

/// Rules as people write them, one a line:
///
///     # role      rpc        how often   at once
///     buyer       Reserve    2/s         5
///     checkout    *          unlimited
///     *           *          100/m       200
extension RateRules {
  /// What is wrong with a text: a sentence.
  package struct Fault: Error, Equatable {
    package var text: String
  }

  package init(text: String) throws(Fault) {
    var rules: [Rule] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard !words.isEmpty else { continue }
      do throws(Fault) {
        rules.append(try Self.rule(words.map(String.init)))
      } catch {
        throw Fault(text: "line \(number + 1): \(error.text)")
      }
    }
    guard rules.count <= Self.rulesMax else {
      throw Fault(text: "more than \(Self.rulesMax) rules")
    }
    self.init(rules)
  }

  private static func rule(_ words: [String]) throws(Fault) -> Rule {
    guard (3...4).contains(words.count) else {
      throw Fault(text: "a rule is ROLE RPC RATE [BURST], as in: buyer Reserve 2/s 5")
    }
    var rule = Rule(role: nil, method: nil, limit: nil)
    if words[0] != "*" {
      guard let role = RoleSet.role(named: words[0]) else {
        throw Fault(text: "'\(words[0])' is no role")
      }
      rule.role = role
    }
    if words[1] != "*" {
      guard words[1] != CapacityService.release.name else {
        throw Fault(text: "Release is never limited: giving back is not refused")
      }
      guard MethodEntry.all.contains(where: { $0.name == words[1] }) else {
        throw Fault(text: "'\(words[1])' is no RPC")
      }
      rule.method = words[1]
    }
    guard words[2] != "unlimited" || words.count > 3 else { return rule }
    rule.limit = try limit(words)
    return rule
  }

  private static func limit(_ words: [String]) throws(Fault) -> RateLimit {
    let parts = words[2].split(separator: "/", omittingEmptySubsequences: false)
    let units = ["s": 1, "m": 60, "h": 3_600]
    guard parts.count == 2, let calls = Int(parts[0]), let seconds = units[String(parts[1])] else {
      throw Fault(text: "'\(words[2])' is no rate: 20/s, 100/m, 1000/h or unlimited")
    }
    // A second's worth at once, unless something else is said.
    let burst = words.count > 3 ? Int(words[3]) : max(1, calls / seconds)
    guard let burst, let limit = RateLimit(calls: calls, seconds: seconds, burst: burst) else {
      throw Fault(
        text: "a rate is between 1/h and 1000000/s, and up to 1000000 may come at once")
    }
    return limit
  }
}
