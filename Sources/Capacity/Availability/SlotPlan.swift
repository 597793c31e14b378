/// One product in one slot, with every pool that it draws from there. What the evaluator judges.
package struct SlotPlan: Sendable {
  package let product: Product
  /// Primary first, in the order of the product's draws.
  package let draws: [PlannedDraw]

  /// One draw and the occurrence of its resource that it falls on.
  package struct PlannedDraw: Sendable {
    package let scheduled: ScheduledResource
    package let occurrence: Occurrence
    /// Units of the pool for one unit of the product.
    package let units: Int64

    package var pool: PoolKey {
      PoolKey(resourceID: scheduled.resource.id, ordinal: occurrence.ordinal)
    }
  }

  /// The day or slot of the first draw: it gives the id, the start and the end.
  package var primary: PlannedDraw { draws[0] }

  package var slotID: String { primary.scheduled.slotID(of: primary.occurrence) }

  /// The plan for the slot that `slotID` names, or the one obstacle that keeps it from existing.
  package static func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> Result {
    guard let product = catalogue.product(productID), let first = product.draws.first,
      let scheduled = catalogue.resource(first.resourceID)
    else {
      guard ScheduledResource.isSlotSpelling(slotID) else {
        return .obstacle(Obstacle(.slotMalformed, subject: slotID))
      }
      return .obstacle(Obstacle(.productNotFound, subject: productID))
    }
    switch scheduled.find(slotID: slotID, at: now) {
    case .malformed: return .obstacle(Obstacle(.slotMalformed, subject: slotID))
    case .noSuchSlot: return .obstacle(Obstacle(.noSlotAtTime, subject: first.resourceID))
    case .found(let occurrence):
      return make(product, scheduled, occurrence, in: catalogue, at: now)
    }
  }

  /// The plan for `occurrence` of the product's primary resource.
  package static func make(
    _ product: Product, _ scheduled: ScheduledResource, _ occurrence: Occurrence,
    in catalogue: Catalogue, at now: Instant
  ) -> Result {
    var draws = [
      PlannedDraw(scheduled: scheduled, occurrence: occurrence, units: product.draws[0].units)
    ]
    for draw in product.draws.dropFirst() {
      guard let other = catalogue.resource(draw.resourceID),
        let found = other.occurrence(beside: occurrence, of: scheduled, at: now)
      else { return .obstacle(Obstacle(.noSlotAtTime, subject: draw.resourceID)) }
      draws.append(PlannedDraw(scheduled: other, occurrence: found, units: draw.units))
    }
    return .plan(SlotPlan(product: product, draws: draws))
  }

  package enum Result: Sendable {
    case plan(SlotPlan)
    case obstacle(Obstacle)
  }
}

extension ScheduledResource {
  /// The occurrence of this resource that a product draws on together with `primary`: the same start, the day of that
  /// start here, the same date beside a date, a stock always.
  fileprivate func occurrence(
    beside primary: Occurrence, of other: ScheduledResource, at now: Instant
  ) -> Occurrence? {
    switch (resource.inventory.kind, other.resource.inventory.kind) {
    case (.stock, _): stock(at: now)
    case (.daily, .slots): day(zone.date(atSecond: primary.startSecond))
    case (.daily, _): day(primary.date)
    case (.slots, .slots): slot(startingAt: primary.startSecond)
    case (.slots, _): nil
    }
  }
}
