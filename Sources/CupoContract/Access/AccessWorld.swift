internal import CupoSchema
internal import Protobuf

/// What an access check is about: one seller's stock and product, and one buyer's reservation of it.
struct AccessWorld: Sendable {
  let run: ContractRun
  let sellerID: String
  let buyerID: String
  /// The resource and the product that sells it, both by this id.
  let id: String
  let reservationID: String

  /// Makes a new one, as whom the suite runs.
  static func make(_ run: ContractRun) async throws(CheckFailure) -> AccessWorld {
    let sellerID = run.fresh("seller")
    let id = run.fresh("owned")
    var resource = run.stock(id, units: 1_000)
    resource.sellerID = sellerID
    try await run.put(resource)
    var product = run.product(id, of: [id])
    product.sellerID = sellerID
    try await run.put(product)
    var request = run.request(id, 2)
    request.buyerID = run.fresh("buyer")
    let held = try await run.reserve(request).reservation
    return AccessWorld(
      run: run, sellerID: sellerID, buyerID: request.buyerID, id: id,
      reservationID: held?.reservationID ?? "")
  }

  /// Who owns it, in this role.
  func owner(_ role: Role) -> ContractToken {
    ContractToken(subject: buyerID, roles: [role], sellerIDs: [sellerID])
  }

  /// Somebody else in this role, who owns nothing of it.
  func stranger(_ role: Role) -> ContractToken {
    ContractToken(
      subject: run.fresh("stranger"), roles: [role], sellerIDs: [run.fresh("seller")])
  }
}
