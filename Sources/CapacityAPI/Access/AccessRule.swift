package import CupoSchema
package import Identity

/// One entry of the access table, ready to be asked: who may call an RPC, and who of them is held to what is its own. Pure.
package struct AccessRule: Equatable, Sendable {
  let allowed: RoleSet
  /// Those of the allowed roles that are held to what is their own.
  let bound: RoleSet

  package init(_ contract: MethodContract) {
    let allowed = RoleSet(contract.roles)
    switch contract.ownership {
    case .unspecified: bound = []
    case .buyer: bound = RoleSet(.buyer)
    case .seller: bound = RoleSet(.seller)
    case .buyerOrSeller, .sellerOrNamed: bound = RoleSet([.buyer, .seller])
    // A rule that is not known here lets nobody in.
    default:
      bound = []
      self.allowed = []
      return
    }
    self.allowed = allowed
  }

  /// What of others' `principal` may touch; nil: it may not call at all.
  package func reach(of principal: Principal) -> Reach? {
    let roles = principal.roles.intersection(allowed)
    guard !roles.isEmpty else { return nil }
    let held = roles.intersection(bound)
    return Reach(
      isUnbound: held != roles,
      buyerID: held.contains(RoleSet(.buyer)) ? principal.subject : nil,
      sellerIDs: held.contains(RoleSet(.seller)) ? principal.sellerIDs : nil)
  }
}
