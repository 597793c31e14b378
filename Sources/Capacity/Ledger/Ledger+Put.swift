extension Ledger {
  static func putResource(
    _ command: Command.PutResource, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let current = set.catalogue.resource(command.resource.id)?.resource
    if let conflict = conflict(command.expectedVersion, current?.version) { return conflict }
    var resource = command.resource
    resource.inherit(from: current, actor: command.actor)
    let next = ScheduledResource(resource, zone: command.zone)
    let violations = next.violations(replacing: current)
    guard violations.isEmpty else { return .rejected(.violations(violations)) }

    let overcommitted = overcommittedPools(of: next, set, now)
    let impact = impact(of: overcommitted, next, set)
    guard !command.validateOnly, resource != current else { return .resource(resource, impact) }
    let before = set.catalogue.resource(resource.id)
    resource.version += 1
    set.write(resource, zone: command.zone)
    set.append(
      .resourceChanged, at: now, .resource(resource),
      stockMovement(from: current, to: resource, set),
      actor: command.actor)
    announceOvercommitted(overcommitted, before, actor: command.actor, &set, now)
    return .resource(resource, impact)
  }

  /// Says of each of `pools` that it carries more than its limit, where it did not do so before.
  static func announceOvercommitted(
    _ pools: [PoolKey], _ before: ScheduledResource?, actor: String, _ set: inout WorkingSet,
    _ now: Instant
  ) {
    for pool in pools where !isOvercommitted(pool, before, set, now) {
      set.append(
        .capacityOvercommitted, at: now, .pool(resourceID: pool.resourceID),
        [Capacity.Movement(pool: pool, balance: set.pool(pool))], actor: actor)
    }
  }

  static func putProduct(
    _ command: Command.PutProduct, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let current = set.catalogue.product(command.product.id)
    if let conflict = conflict(command.expectedVersion, current?.version) { return conflict }
    var product = command.product
    product.version = current?.version ?? 0
    if let current { product.paused = current.paused }
    let missing = product.draws.first { set.catalogue.resource($0.resourceID) == nil }
    if let missing { return .rejected(.resourceNotFound(missing.resourceID)) }
    let violations = product.violations(in: set.catalogue, replacing: current)
    guard violations.isEmpty else { return .rejected(.violations(violations)) }
    guard !command.validateOnly, product != current else { return .product(product, Impact()) }
    product.version += 1
    set.write(product)
    set.append(.productChanged, at: now, .product(product), [], actor: command.actor)
    return .product(product, Impact())
  }

  private static func conflict(_ expected: UInt64, _ current: UInt64?) -> Outcome? {
    guard expected != 0, expected != current ?? 0 else { return nil }
    return .rejected(.versionConflict(current: current ?? 0))
  }

  private static func stockMovement(
    from current: Resource?, to next: Resource, _ set: WorkingSet
  ) -> [Capacity.Movement] {
    let change = next.stockUnits - (current?.stockUnits ?? 0)
    guard change != 0 else { return [] }
    let key = PoolKey(resourceID: next.id, ordinal: 0)
    return [Capacity.Movement(pool: key, limit: change, balance: set.pool(key))]
  }

  // MARK: Impact

  static func overcommittedPools(
    of next: ScheduledResource, _ set: WorkingSet, _ now: Instant
  ) -> [PoolKey] {
    set.pools.keys
      .filter { $0.resourceID == next.resource.id && isOvercommitted($0, next, set, now) }
      .sorted()
  }

  // Whether the pool carries more than its limit. A pool without a place in the schedule has no limit to break.
  private static func isOvercommitted(
    _ key: PoolKey, _ scheduled: ScheduledResource?, _ set: WorkingSet, _ now: Instant
  ) -> Bool {
    excess(key, scheduled, set, now) > 0
  }

  private static func excess(
    _ key: PoolKey, _ scheduled: ScheduledResource?, _ set: WorkingSet, _ now: Instant
  ) -> Int64 {
    guard let scheduled, let occurrence = scheduled.occurrence(ofOrdinal: key.ordinal, at: now),
      case .units(let units) = scheduled.limit(of: occurrence, at: now)
    else { return 0 }
    let pool = set.pool(key)
    return pool.held + pool.consumed - units
  }

  private static func impact(
    of pools: [PoolKey], _ next: ScheduledResource, _ set: WorkingSet
  ) -> Impact {
    guard !pools.isEmpty else { return Impact() }
    let touched = Set(pools)
    let affected = set.reservations.values.filter { record in
      record.reservation.lines.contains { line in
        line.held + line.consumed > 0 && line.draws.contains { touched.contains($0.pool) }
      }
    }
    let now = set.lane.lastDecision
    return Impact(
      reservationsAffected: UInt64(affected.count),
      unitsOvercommitted: pools.map { excess($0, next, set, now) }.reduce(0, +),
      slotsOvercommitted: pools.map { next.slotID(ofOrdinal: $0.ordinal) })
  }
}

extension Resource {
  /// The units of a limited stock; 0 for everything else.
  fileprivate var stockUnits: Int64 {
    guard case .stock(.units(let units)?) = inventory else { return 0 }
    return units
  }

  /// Takes over what a Put on an existing resource never changes, and stamps what the server decides.
  fileprivate mutating func inherit(from current: Resource?, actor: String) {
    version = current?.version ?? 0
    if let current { paused = current.paused }
    if case .stock(nil) = inventory, case .stock(let total)? = current?.inventory {
      inventory = .stock(total: total)
    }
    guard var budget = overbooking else { return }
    // The same budget again keeps the name of who approved it.
    budget.approvedBy = current?.overbooking?.approvedBy ?? actor
    if budget != current?.overbooking { budget.approvedBy = actor }
    overbooking = budget
  }
}
