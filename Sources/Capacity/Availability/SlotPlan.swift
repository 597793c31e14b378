/// One product in one slot, with every pool that it draws from there. What the evaluator judges.
///
/// An object, for a decision passes it on a dozen times, and a product has a dozen references to count.
package final class SlotPlan: Sendable {
  package let product: Product
  /// Primary first, in the order of the product's draws.
  package let draws: [PlannedDraw]
  /// The same as reservations keep them.
  let frozen: [FrozenDraw]
  // Nil: nobody has spelled the slot.
  private let spelled: LineTerms?

  /// - Parameter slotID: as it was asked for; nil: it is spelled when somebody wants to know.
  init(product: Product, draws: [PlannedDraw], slotID: String? = nil) {
    self.product = product
    self.draws = draws
    let frozen = draws.map { FrozenDraw(pool: $0.pool, units: $0.units) }
    self.frozen = frozen
    spelled = slotID.map { LineTerms(of: product, slot: $0, draws: frozen) }
  }

  /// Instants around `now`, at which it was found, at which the same catalogue has the same plan: only a stock is judged by the day of
  /// the decision.
  func instants(around now: Instant) -> Range<Instant> {
    draws.reduce(.distantPast ..< .distantFuture) { range, draw in
      guard draw.scheduled.resource.inventory.kind == .stock else { return range }
      return range.clamped(to: draw.scheduled.zone.instants(around: now))
    }
  }

  /// One draw and the occurrence of its resource that it falls on.
  package struct PlannedDraw: Sendable {
    package let scheduled: ScheduledResource
    package let slot: ScheduledSlot
    /// Units of the pool for one unit of the product.
    package let units: Int64

    package var occurrence: Occurrence { slot.occurrence }

    package var pool: PoolKey {
      PoolKey(resourceID: scheduled.resource.id, ordinal: slot.occurrence.ordinal)
    }
  }

  /// The day or slot of the first draw: it gives the id, the start and the end.
  package var primary: PlannedDraw { draws[0] }

  /// Every pool that an answer about it depends on: of each draw, then of each occupancy trigger the latches of these pools.
  /// Views of a plan come in this order.
  package var pools: [PoolKey] {
    let own = frozen.map(\.pool)
    guard !product.pricingTriggers.isEmpty else { return own }
    return own
      + product.latches().lazy.map { latch in
        PoolKey(resourceID: latch.name, ordinal: own[latch.draw].ordinal)
      }
  }

  package var slotID: String {
    spelled?.slot ?? primary.scheduled.slotID(of: primary.occurrence)
  }

  /// What a line promises by this plan where no trigger is on. Reservations share it.
  var terms: LineTerms {
    spelled ?? LineTerms(of: product, slot: slotID, draws: frozen)
  }

  /// The plan for the slot that `slotID` names, or the one obstacle that keeps it from existing.
  package static func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> Result {
    guard let product = catalogue.product(productID), let first = product.draws.first,
      let primary = catalogue.resource(first.resourceID)
    else {
      guard ScheduledResource.isSlotSpelling(slotID) else {
        return .obstacle(Obstacle(.slotMalformed, subject: slotID))
      }
      return .obstacle(Obstacle(.productNotFound, subject: productID))
    }
    switch primary.find(slotID: slotID, at: now) {
    case .malformed: return .obstacle(Obstacle(.slotMalformed, subject: slotID))
    case .noSuchSlot: return .obstacle(Obstacle(.noSlotAtTime, subject: first.resourceID))
    case .found(let occurrence):
      return make(product, primary, occurrence, slotID, in: catalogue, at: now)
    }
  }

  // The plan for `occurrence` of the product's primary resource.
  private static func make(
    _ product: Product, _ primary: ScheduledResource, _ occurrence: Occurrence, _ slotID: String,
    in catalogue: Catalogue, at now: Instant
  ) -> Result {
    var draws: [PlannedDraw] = []
    draws.reserveCapacity(product.draws.count)
    for draw in product.draws {
      guard let resource = draws.isEmpty ? primary : catalogue.resource(draw.resourceID),
        let found = draws.isEmpty
          ? occurrence : resource.occurrence(beside: occurrence, of: primary, at: now)
      else { return .obstacle(Obstacle(.noSlotAtTime, subject: draw.resourceID)) }
      draws.append(
        PlannedDraw(scheduled: resource, slot: resource.scheduled(found), units: draw.units))
    }
    return .plan(SlotPlan(product: product, draws: draws, slotID: slotID))
  }

  package enum Result: Sendable {
    case plan(SlotPlan)
    case obstacle(Obstacle)
  }
}
