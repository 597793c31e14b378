/// A product with the resources that it draws on, found in a catalogue.
package struct Offer: Sendable {
  package let product: Product
  /// In the order of the product's draws, the primary first.
  package let resources: [ScheduledResource]

  /// Nil where the catalogue has no such product.
  package init?(_ productID: String, in catalogue: Catalogue) {
    guard let product = catalogue.product(productID), !product.draws.isEmpty else { return nil }
    let resources = product.draws.compactMap { catalogue.resource($0.resourceID) }
    guard resources.count == product.draws.count else { return nil }
    self.product = product
    self.resources = resources
  }

  /// It gives the slots their ids and their zone.
  package var primary: ScheduledResource { resources[0] }

  package var isStock: Bool { primary.resource.inventory.kind == .stock }

  /// Whether nothing of the definitions is different in `other`.
  package func isSame(as other: Offer) -> Bool {
    product.id == other.product.id && product.version == other.product.version
      && resources.count == other.resources.count
      && zip(resources, other.resources).allSatisfy { $0 === $1 }
  }

  /// The pools behind `days`, from the first to the last of each: of each draw, then of each occupancy trigger the latches of each draw.
  /// An evaluator takes their columns.
  package func runs(behind days: [ProductDay]) -> [PoolRun] {
    runs(
      over: resources.indices.map { draw in
        guard resources[draw].resource.inventory.kind != .stock else { return 0...0 }
        var range: ClosedRange<Int64>?
        for day in days {
          for index in day.slots.indices {
            guard let ordinal = day.slot(index, of: draw)?.occurrence.ordinal else { continue }
            range = range.map { $0.including(ordinal) } ?? ordinal...ordinal
          }
        }
        return range
      })
  }

  /// Runs over `ranges`, of each draw one; then of each occupancy trigger the latches of each draw.
  package func runs(over ranges: [ClosedRange<Int64>?]) -> [PoolRun] {
    let own = zip(resources, ranges).map { PoolRun(resourceID: $0.resource.id, ordinals: $1) }
    guard product.hasOccupancyTriggers else { return own }
    return own
      + product.latches().lazy.map { latch in
        PoolRun(resourceID: latch.name, ordinals: own[latch.draw].ordinals)
      }
  }

  /// The plan for `occurrence` of the primary resource, or the one obstacle that keeps it from existing.
  package func plan(_ occurrence: Occurrence, at now: Instant) -> SlotPlan.Result {
    var draws: [SlotPlan.PlannedDraw] = []
    draws.reserveCapacity(resources.count)
    for (index, resource) in resources.enumerated() {
      guard
        let found = index == 0
          ? occurrence : resource.occurrence(beside: occurrence, of: primary, at: now)
      else { return .obstacle(Obstacle(.noSlotAtTime, subject: resource.resource.id)) }
      draws.append(
        SlotPlan.PlannedDraw(
          scheduled: resource, slot: resource.scheduled(found), units: product.draws[index].units))
    }
    return .plan(SlotPlan(product: product, draws: draws))
  }

  /// The plan for the slot that `slotID` spells and that the schedule of the primary resource does not make: what was booked
  /// of it before an edit is there still. Nil where the schedule makes it, and where the spelling is not canonical.
  package func withdrawnPlan(_ slotID: String, at now: Instant) -> SlotPlan? {
    guard primary.find(slotID: slotID, at: now) == .noSuchSlot,
      let ordinal = primary.ordinal(ofSlotID: slotID)
    else { return nil }
    let occurrence = primary.withdrawn(ordinal)
    let draws = resources.enumerated().map { index, resource in
      SlotPlan.PlannedDraw(
        scheduled: resource,
        slot: resource.scheduled(place(occurrence, index, at: now)),
        units: product.draws[index].units)
    }
    return SlotPlan(product: product, draws: draws)
  }

  // Where a draw has nothing beside a slot that is gone, its own place is gone, too.
  func place(_ withdrawn: Occurrence, _ draw: Int, at now: Instant) -> Occurrence {
    guard draw > 0 else { return withdrawn }
    return resources[draw].occurrence(beside: withdrawn, of: primary, at: now)
      ?? resources[draw].withdrawn(withdrawn.ordinal)
  }

  /// The ordinals of the primary resource's pools from one date to another; empty of a stock.
  package func ordinals(from: CivilDate, to: CivilDate) -> ClosedRange<Int64>? {
    switch primary.resource.inventory.kind {
    case .stock: nil
    case .daily: Int64(from.day)...Int64(to.day)
    case .slots:
      primary.zone.start(of: from)...primary.zone.start(of: to.advanced(by: 1)) - 1
    }
  }

  /// The plan for a slot of `day`, from what was worked out of it.
  package func plan(_ day: ProductDay, _ index: Int, at now: Instant) -> SlotPlan.Result {
    var draws: [SlotPlan.PlannedDraw] = []
    draws.reserveCapacity(resources.count)
    for (draw, resource) in resources.enumerated() {
      guard let slot = day.slot(index, of: draw) ?? resource.scheduledStock(at: now) else {
        return .obstacle(Obstacle(.noSlotAtTime, subject: resource.resource.id))
      }
      draws.append(
        SlotPlan.PlannedDraw(scheduled: resource, slot: slot, units: product.draws[draw].units))
    }
    return .plan(SlotPlan(product: product, draws: draws))
  }
}

extension ClosedRange<Int64> {
  /// As much wider as it takes to have `ordinal` in it.
  package func including(_ ordinal: Int64) -> ClosedRange<Int64> {
    Swift.min(lowerBound, ordinal)...Swift.max(upperBound, ordinal)
  }
}

extension ScheduledResource {
  /// A stock as its calendar stands at `now`; nil for every other kind.
  func scheduledStock(at now: Instant) -> ScheduledSlot? {
    stock(at: now).map { scheduled($0) }
  }

  /// The occurrence of this resource that a product draws on together with `primary`: the same start, the day of that
  /// start here, the same date beside a date, a stock always.
  func occurrence(
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
