/// The plan that was found last: in a batch many ask for the same slot at the same instant. On one pool that all want it saves 2 to
/// 10 % of the server's processor time.
struct LatestPlan: Sendable {
  private struct Found: Sendable {
    var productID: String
    var slotID: String
    var revision: UInt64
    var now: Instant
    var plan: SlotPlan
  }

  private var found: Found?

  /// As ``SlotPlan/find(productID:slotID:in:at:)``.
  mutating func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> SlotPlan.Result {
    if let found, found.now == now, found.revision == catalogue.revision,
      found.productID == productID, found.slotID == slotID
    {
      return .plan(found.plan)
    }
    let result = SlotPlan.find(productID: productID, slotID: slotID, in: catalogue, at: now)
    if case .plan(let plan) = result {
      found = Found(
        productID: productID, slotID: slotID, revision: catalogue.revision, now: now, plan: plan)
    }
    return result
  }
}
