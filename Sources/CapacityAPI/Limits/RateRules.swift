package import CapacityEngine
package import CupoSchema
internal import Identity

/// Who may call what how often. Rules are looked through in their order, and the first that fits counts: one of those for all
/// RPCs together, and one of those for the RPC that is called.
package struct RateRules: Equatable, Sendable {
  package struct Rule: Equatable, Sendable {
    /// nil: everybody.
    package var role: Role?
    /// The RPC's name, as in `Reserve`; nil: all together.
    package var method: String?
    /// nil: as often as it likes.
    package var limit: RateLimit?

    package init(role: Role?, method: String?, limit: RateLimit?) {
      self.role = role
      self.method = method
      self.limit = limit
    }
  }

  /// Rules at most.
  package static let rulesMax = 256

  package var rules: [Rule]

  package init(_ rules: [Rule]) {
    self.rules = rules
  }

  /// The rules that can be for calls of this RPC, with their numbers.
  func candidates(_ method: String) -> [Candidate] {
    rules.enumerated().compactMap { number, rule in
      guard rule.method == nil || rule.method == method else { return nil }
      return Candidate(
        number: number, roles: rule.role.map { RoleSet($0) }, isForAll: rule.method == nil,
        limit: rule.limit)
    }
  }

  /// A rule as it is asked for each call.
  struct Candidate: Sendable {
    let number: Int
    /// nil: everybody.
    let roles: RoleSet?
    let isForAll: Bool
    let limit: RateLimit?

    func fits(_ principal: Principal) -> Bool {
      roles.map { !$0.isDisjoint(with: principal.roles) } ?? true
    }
  }
}
