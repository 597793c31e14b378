extension Ledger {
  /// Adds to the total of a stock, or takes from it. Reservations stay valid, whatever is taken.
  static func adjustStock(
    _ command: Command.AdjustStock, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let scheduled = set.catalogue.resource(command.resourceID) else {
      return .rejected(.resourceNotFound(command.resourceID))
    }
    guard command.scope.owns(scheduled.resource.sellerID) else { return .rejected(.notOwner) }
    if let applied = set.number(of: command.key) {
      return applied == command.keyedDelta
        ? .adjusted(scheduled.resource, replayed: true) : .rejected(.keyReused(field: "delta"))
    }
    guard case .stock(.units(let total)?) = scheduled.resource.inventory else {
      let violation = Violation("resource_id", "Must be a stock with a limited total.")
      return .rejected(.violations([violation]))
    }
    let (next, isOverflow) = total.addingReportingOverflow(command.delta)
    guard !isOverflow, next <= Limit.unitsMax else {
      let violation = Violation("delta", "The total must stay within \(Limit.unitsMax) units.")
      return .rejected(.violations([violation]))
    }
    guard next >= 0 else { return .rejected(.stockBelowZero(total: total)) }
    // Nothing to add, nothing to remember.
    guard command.delta != 0 else { return .adjusted(scheduled.resource, replayed: false) }
    return .adjusted(adjust(scheduled, to: next, command, &set, now), replayed: false)
  }

  private static func adjust(
    _ before: ScheduledResource, to total: Int64, _ command: Command.AdjustStock,
    _ set: inout WorkingSet, _ now: Instant
  ) -> Resource {
    var resource = before.resource
    resource.inventory = .stock(total: .units(total))
    resource.version += 1
    let next = ScheduledResource(resource, zone: before.zone)
    let overcommitted = overcommittedPools(of: next, set, now)
    let triggered = triggeredOffers(on: resource.id, set)
    set.write(resource, zone: before.zone)
    set.write(command.key, for: command.keyedDelta)
    let pool = PoolKey(resourceID: resource.id, ordinal: 0)
    set.append(
      .stockAdjusted, at: now, .resource(resource),
      [Capacity.Movement(pool: pool, limit: command.delta, balance: set.pool(pool))],
      actor: command.actor, reason: command.reason)
    crossTriggers(of: triggered, on: resource.id, at: now, &set)
    announceOvercommitted(overcommitted, before, actor: command.actor, &set, now)
    return resource
  }
}

extension Command.AdjustStock {
  /// The request id, scoped to the resource. Adjustments share the table of keys with reservations: no buyer's id has a
  /// control character in it, so the two never meet.
  var key: IdempotencyKey {
    IdempotencyKey(buyerID: "\u{1}\(resourceID)", key: requestID)
  }

  /// What the key stands for: the delta, zigzag, so that a repeat with another one is told apart.
  var keyedDelta: UInt64 {
    UInt64(bitPattern: delta << 1 ^ delta >> 63)
  }
}
