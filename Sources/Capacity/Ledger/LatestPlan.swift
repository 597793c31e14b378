/// The plan that was found last. In a batch many ask for the same slot at the same instant, and finding it is a sixth of what a
/// Reserve costs its lane.
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
