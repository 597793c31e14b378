internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// One product in one slot, in the quantity that somebody asks about: an element of a batch, or what is to be explained.
struct CheckedSlot {
  private let productID: String
  private let slotID: String
  private let asked: UInt32
  private let result: SlotPlan.Result
  // Where the schedule has no such slot: what was booked of it before an edit is there still.
  private let withdrawn: SlotPlan?

  /// - Parameter quantity: 0 asks for the least that can be bought.
  init(
    _ productID: String, _ slotID: String, quantity: UInt32, in catalogue: Catalogue,
    at now: Instant
  ) {
    self.productID = productID
    self.slotID = slotID
    asked = quantity
    result = SlotPlan.find(productID: productID, slotID: slotID, in: catalogue, at: now)
    withdrawn = Offer(productID, in: catalogue)?.withdrawnPlan(slotID, at: now)
  }

  /// The pools behind it; none where it does not exist.
  var pools: [PoolKey] {
    guard case .plan(let plan) = result else { return withdrawn?.pools ?? [] }
    return plan.pools
  }

  /// The same at the instant of `reading`: a stock is judged by the date of the decision.
  func again(_ reading: Reading) -> CheckedSlot {
    CheckedSlot(productID, slotID, quantity: asked, in: reading.catalogue, at: reading.asOf)
  }

  func answer(_ reading: Reading) -> AvailabilityAnswer {
    var message = AvailabilityAnswer()
    switch visible(reading) {
    case .obstacle(let obstacle):
      message.reason = ErrorTable.reason(for: obstacle)
    case .plan(let plan):
      let availability = Evaluator(plan, at: reading.asOf)
        .availability(quantity: quantity(plan), views: reading.views(of: plan))
      var slot = SlotAvailability(
        productID, plan.primary.scheduled, plan.primary.occurrence, id: slotID)
      slot.fill(availability, plan)
      message.slot = slot
      message.sellable = availability.isSellable
      if let first = availability.obstacles.first {
        message.reason = ErrorTable.reason(for: first)
      }
    }
    return message
  }

  /// All that stands in the way, strongest first.
  ///
  /// - Throws: what is wrong with the question: no such product, no such spelling.
  func obstacles(_ reading: Reading) throws(Refusal) -> [Capacity.Obstacle] {
    switch visible(reading) {
    case .plan(let plan):
      let buyer = plan.product.limits.concernBuyers ? reading.buyer.map { BuyerCheck($0) } : nil
      return Evaluator(plan, at: reading.asOf)
        .obstacles(quantity: quantity(plan), views: reading.views(of: plan), buyer: buyer)
    case .obstacle(let obstacle):
      switch obstacle.kind {
      case .productNotFound: throw Refusal(.productNotFound, [.init("product_id", productID)])
      case .slotMalformed:
        var refusal = Refusal.violation(
          "slot", "Not the canonical spelling of a slot: \(slotID)")
        refusal.reason = .slotMalformed
        throw refusal
      default: return [obstacle] + pauses(reading.catalogue)
      }
    }
  }

  // A slot that is gone shows as long as something is booked of it.
  private func visible(_ reading: Reading) -> SlotPlan.Result {
    guard case .obstacle = result, let withdrawn else { return result }
    let pool = reading.views[withdrawn.primary.pool]?.pool ?? .untouched
    return pool.held + pool.consumed > 0 ? .plan(withdrawn) : result
  }

  // Pauses stop a slot that is not there as well: lifting only one obstacle would not do.
  private func pauses(_ catalogue: Catalogue) -> [Capacity.Obstacle] {
    guard let offer = Offer(productID, in: catalogue) else { return [] }
    let resources = offer.resources.map(\.resource).filter(\.paused).map(\.id)
    return (resources + (offer.product.paused ? [productID] : [])).map {
      Capacity.Obstacle(.paused, subject: $0)
    }
  }

  private func quantity(_ plan: SlotPlan) -> Int64 {
    asked > 0 ? Int64(asked) : plan.product.leastQuantity
  }
}

extension Reading {
  fileprivate func views(of plan: SlotPlan) -> [PoolView] {
    plan.pools.map { views[$0] ?? .untouched }
  }
}
