package import CupoSchema
internal import Protobuf

/// Roles, as one word: asked for at every call.
package struct RoleSet: OptionSet, Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  package init(_ role: Role) {
    self.init(rawValue: role.isKnown ? 1 << UInt16(role.rawValue) : 0)
  }

  package init(_ roles: some Sequence<Role>) {
    self = roles.reduce(into: RoleSet()) { $0.formUnion(RoleSet($1)) }
  }

  /// The role of this name, as tokens and the command line spell it, in any case of letters; nil for a name that the contract
  /// does not have.
  package static func role(named name: String) -> Role? {
    let wanted = name.uppercased()
    return Role.allCases.first { $0 != .unspecified && $0.name == wanted }
  }

  /// The roles, in the order of the contract.
  package var roles: [Role] { Role.allCases.filter { !isDisjoint(with: RoleSet($0)) } }
}
