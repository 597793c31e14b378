/// One product in one slot, with every pool that it draws from there. What the evaluator judges.
package struct SlotPlan: Sendable {
  package let product: Product
  /// Primary first, in the order of the product's draws.
  package let draws: [PlannedDraw]

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

  package var slotID: String { primary.scheduled.slotID(of: primary.occurrence) }

  /// The plan for the slot that `slotID` names, or the one obstacle that keeps it from existing.
  package static func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> Result {
    guard let offer = Offer(productID, in: catalogue) else {
      guard ScheduledResource.isSlotSpelling(slotID) else {
        return .obstacle(Obstacle(.slotMalformed, subject: slotID))
      }
      return .obstacle(Obstacle(.productNotFound, subject: productID))
    }
    switch offer.primary.find(slotID: slotID, at: now) {
    case .malformed: return .obstacle(Obstacle(.slotMalformed, subject: slotID))
    case .noSuchSlot:
      return .obstacle(Obstacle(.noSlotAtTime, subject: offer.primary.resource.id))
    case .found(let occurrence): return offer.plan(occurrence, at: now)
    }
  }

  package enum Result: Sendable {
    case plan(SlotPlan)
    case obstacle(Obstacle)
  }
}
