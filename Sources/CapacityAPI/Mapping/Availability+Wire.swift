internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Availability {
  /// What the wire says about one slot.
  func message(_ plan: SlotPlan, withPools: Bool) -> SlotAvailability {
    let primary = plan.primary
    var message = SlotAvailability(plan.product.id, primary.scheduled, primary.occurrence)
    message.status = status.message
    message.unlimited = unlimited
    message.remaining = remaining
    message.capacity = capacity
    message.held = held
    message.consumed = consumed
    message.nextHoldExpiry = nextHoldExpiry?.timestamp
    message.cutoffAt =
      plan.draws.compactMap { $0.scheduled.cutoff(of: $0.occurrence) }.min()?
      .timestamp
    if status == .closed, let strongest = obstacles.first { message.close(strongest) }
    message.revision = revision
    message.tightestResourceID = pools[tightest].key.resourceID
    if withPools {
      message.pools = zip(pools, plan.draws).map { $0.message($1.scheduled) }
    }
    return message
  }
}

extension SlotAvailability {
  /// A slot without numbers: its name and its time.
  init(_ productID: String, _ scheduled: ScheduledResource, _ occurrence: Occurrence) {
    self.init()
    self.productID = productID
    slot = scheduled.slotID(of: occurrence)
    guard scheduled.resource.inventory.kind != .stock else { return }
    startsAt = Instant(seconds: occurrence.startSecond).timestamp
    endsAt = Instant(seconds: occurrence.endSecond).timestamp
  }

  mutating func close(_ obstacle: Capacity.Obstacle) {
    status = .closed
    closedReason = ErrorTable.reason(for: obstacle)
    if case .closed(let reason) = obstacle.kind { closureReason = reason.rawValue }
  }
}

extension Availability.Status {
  var message: AvailabilityStatus {
    switch self {
    case .available: .available
    case .limited: .limited
    case .insufficient: .insufficient
    case .heldOnly: .heldOnly
    case .soldOut: .soldOut
    case .closed: .closed
    }
  }
}

extension Availability.Balance {
  func message(_ scheduled: ScheduledResource) -> PoolBalance {
    var message = PoolBalance()
    message.resourceID = key.resourceID
    message.slot = scheduled.slotID(ofOrdinal: key.ordinal)
    switch limit {
    case .units(let units): message.limit = units
    case .unlimited: message.unlimited = true
    }
    message.held = pool.held
    message.consumed = pool.consumed
    message.revision = pool.revision
    return message
  }
}
