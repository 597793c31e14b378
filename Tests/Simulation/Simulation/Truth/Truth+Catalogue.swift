import Capacity

/// What edits of the catalogue must come to.
extension Truth {
  mutating func put(
    _ command: Command.PutResource, _ zones: inout Zones, _ now: Instant
  ) -> Outcome {
    let current = resources[command.resource.id]
    if command.expectedVersion != 0, command.expectedVersion != current?.version ?? 0 {
      return .rejected(.versionConflict(current: current?.version ?? 0))
    }
    var next = command.resource
    next.version = current?.version ?? 0
    if let current { next.paused = current.paused }
    if case .stock(nil) = next.inventory, let current { next.inventory = current.inventory }
    if next.overbooking != nil {
      next.overbooking?.approvedBy = current?.overbooking?.approvedBy ?? command.actor
      if next.overbooking != current?.overbooking { next.overbooking?.approvedBy = command.actor }
    }
    guard !command.validateOnly, next != current else { return .resource(next, Impact()) }
    next.version += 1
    let change = (total(next) ?? 0) - (current.flatMap { total($0) } ?? 0)
    let pool = PoolKey(resourceID: next.id, ordinal: 0)
    let movements =
      change == 0 ? [] : [Movement(pool: pool, limit: change, balance: self.pool(pool))]
    append(.resourceChanged, now, .resource(next), movements)
    replace(current, by: next, zone: tables[command.zone], &zones, now)
    return .resource(next, Impact())
  }

  mutating func put(_ command: Command.PutProduct, _ now: Instant) -> Outcome {
    let current = products[command.product.id]
    if command.expectedVersion != 0, command.expectedVersion != current?.version ?? 0 {
      return .rejected(.versionConflict(current: current?.version ?? 0))
    }
    var next = command.product
    next.version = current?.version ?? 0
    if let current { next.paused = current.paused }
    if let missing = next.draws.first(where: { resources[$0.resourceID] == nil }) {
      return .rejected(.resourceNotFound(missing.resourceID))
    }
    guard !command.validateOnly, next != current else { return .product(next, Impact()) }
    next.version += 1
    products[next.id] = next
    append(.productChanged, now, .product(next))
    return .product(next, Impact())
  }

  mutating func setPause(_ command: Command.SetPause, _ now: Instant) -> Outcome {
    switch command.target {
    case .resource(let id):
      guard var resource = resources[id] else { return .rejected(.resourceNotFound(id)) }
      guard resource.paused != command.paused else { return .resource(resource, Impact()) }
      resource.paused = command.paused
      resource.version += 1
      resources[id] = resource
      append(.resourceChanged, now, .resource(resource))
      return .resource(resource, Impact())
    case .product(let id):
      guard var product = products[id] else { return .rejected(.productNotFound(id)) }
      guard product.paused != command.paused else { return .product(product, Impact()) }
      product.paused = command.paused
      product.version += 1
      products[id] = product
      append(.productChanged, now, .product(product))
      return .product(product, Impact())
    }
  }

  mutating func adjust(
    _ command: Command.AdjustStock, _ zones: Zones, _ now: Instant
  ) -> Outcome {
    guard let current = resources[command.resourceID] else {
      return .rejected(.resourceNotFound(command.resourceID))
    }
    let key = IdempotencyKey(buyerID: "\u{1}\(command.resourceID)", key: command.requestID)
    let spelled = UInt64(bitPattern: command.delta * 2) ^ (command.delta < 0 ? .max : 0)
    if let first = keys[key] {
      return first == spelled
        ? .adjusted(current, replayed: true) : .rejected(.keyReused(field: "delta"))
    }
    guard let total = total(current) else {
      let text = "Must be a stock with a limited total."
      return .rejected(.violations([Violation("resource_id", text)]))
    }
    guard total + command.delta >= 0 else { return .rejected(.stockBelowZero(total: total)) }
    guard command.delta != 0 else { return .adjusted(current, replayed: false) }
    var next = current
    next.inventory = .stock(total: .units(total + command.delta))
    next.version += 1
    keys[key] = spelled
    touchedKeys.append(key)
    let pool = PoolKey(resourceID: next.id, ordinal: 0)
    append(
      .stockAdjusted, now, .resource(next),
      [Movement(pool: pool, limit: command.delta, balance: self.pool(pool))])
    var zones = zones
    replace(current, by: next, zone: zones[next.id], &zones, now)
    return .adjusted(next, replayed: false)
  }

  private func total(_ resource: Resource) -> Int64? {
    guard case .stock(.units(let units)?) = resource.inventory else { return nil }
    return units
  }

  // Takes over a definition, and announces every pool that carries more than it can from now on and did not before.
  private mutating func replace(
    _ current: Resource?, by next: Resource, zone: ZoneTable?, _ zones: inout Zones,
    _ now: Instant
  ) {
    let before = zones[next.id]
    zones[next.id] = zone
    resources[next.id] = next
    guard let current, let before, let zone else { return }
    let booked = pools.filter {
      $0.key.resourceID == next.id && $0.value.held + $0.value.consumed > 0
    }
    for (key, state) in booked.sorted(by: { $0.key < $1.key }) {
      let taken = state.held + state.consumed
      guard exceeds(taken, key.ordinal, next, zone, now),
        !exceeds(taken, key.ordinal, current, before, now)
      else { continue }
      append(
        .capacityOvercommitted, now, .pool(resourceID: next.id),
        [Movement(pool: key, balance: state.pool)])
    }
  }

  private func exceeds(
    _ taken: Int64, _ ordinal: Int64, _ resource: Resource, _ zone: ZoneTable, _ now: Instant
  ) -> Bool {
    guard let place = place(ordinal, resource, zone, now),
      let limit = limit(place, resource, now)
    else { return false }
    return taken > limit
  }
}
