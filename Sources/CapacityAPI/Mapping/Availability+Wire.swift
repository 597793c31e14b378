internal import Capacity
internal import CupoSchema
internal import Protobuf

extension SlotAvailability {
  /// A slot without numbers: its name and its time.
  init(
    _ productID: String, _ scheduled: ScheduledResource, _ occurrence: Occurrence, id: String
  ) {
    self.init()
    self.productID = productID
    slot = id
    guard scheduled.resource.inventory.kind != .stock else { return }
    startsAt = Instant(seconds: occurrence.startSecond).timestamp
    endsAt = Instant(seconds: occurrence.endSecond).timestamp
  }

  /// The evaluator's answer.
  mutating func fill(_ answer: Availability, _ plan: SlotPlan) {
    status = answer.status.message
    unlimited = answer.unlimited
    remaining = answer.remaining
    capacity = answer.capacity
    held = answer.held
    consumed = answer.consumed
    nextHoldExpiry = answer.nextHoldExpiry?.timestamp
    cutoffAt = plan.draws.compactMap(\.slot.cutoff).min()?.timestamp
    if answer.status == .closed, let strongest = answer.obstacles.first { close(strongest) }
    priceAdjustmentBp = Int32(clamping: answer.pricing.adjustmentBasisPoints)
    pricingTriggerIDs = answer.pricing.triggerIDs
    revision = answer.revision
    tightestResourceID = plan.draws[answer.tightest].scheduled.resource.id
  }

  /// Every pool behind it.
  mutating func fill(_ balances: [Availability.Balance], _ plan: SlotPlan) {
    pools = zip(balances, plan.draws).map { $0.message($1.scheduled) }
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
