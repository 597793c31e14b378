// What a Put does to what is already promised. The one thing to know: consumed reservations are not in memory, so the count of
// reservations is complete only where an impact names no scope; who has the store counts the rest by it.
extension Ledger {
  /// What replacing `before` by `next` does.
  static func impact(
    of next: ScheduledResource, replacing before: ScheduledResource?, _ set: WorkingSet,
    _ now: Instant
  ) -> Impact {
    guard before != nil else { return Impact() }
    let booked = bookedPools(next.resource.id, set).filter { key in
      guard let occurrence = next.occurrence(ofOrdinal: key.ordinal, at: now) else { return false }
      return next.limit(of: occurrence, at: now) != limit(key, before, now)
    }
    let overcommitted = booked.filter { excess($0, next, set, now) > 0 }
    var impact = impact(onPools: booked, ofProduct: nil, set)
    impact.unitsOvercommitted = overcommitted.map { excess($0, next, set, now) }.reduce(0, +)
    impact.slotsOvercommitted = overcommitted.map { next.slotID(ofOrdinal: $0.ordinal) }
    return impact
  }

  /// What replacing `before` by `next` does: only what it draws matters to those who have it.
  static func impact(
    of next: Product, replacing before: Product?, _ set: WorkingSet, _ now: Instant
  ) -> Impact {
    guard let before, before.draws != next.draws else { return Impact() }
    let booked = before.draws.flatMap { draw -> [PoolKey] in
      let scheduled = set.catalogue.resource(draw.resourceID)
      return bookedPools(draw.resourceID, set)
        .filter { scheduled?.occurrence(ofOrdinal: $0.ordinal, at: now) != nil }
    }
    return impact(onPools: booked, ofProduct: next.id, set)
  }

  private static func impact(
    onPools pools: [PoolKey], ofProduct productID: String?, _ set: WorkingSet
  ) -> Impact {
    guard !pools.isEmpty else { return Impact() }
    var units: [PoolKey: Int64] = [:]
    for key in pools { units[key] = set.pool(key).held + set.pool(key).consumed }
    let scope = Impact.Scope(productID: productID, units: units)
    let known = set.reservations.values.count { scope.concerns($0) }
    // Whoever holds something is in memory; who has only bought may not be.
    let isComplete = pools.allSatisfy { set.pool($0).consumed == 0 }
    return Impact(reservationsAffected: UInt64(known), scope: isComplete ? nil : scope)
  }

  private static func bookedPools(_ resourceID: String, _ set: WorkingSet) -> [PoolKey] {
    set.ordinals(of: resourceID, in: .min ... .max).compactMap { ordinal in
      let key = PoolKey(resourceID: resourceID, ordinal: ordinal)
      let pool = set.pool(key)
      return pool.held + pool.consumed > 0 ? key : nil
    }
  }

  // Nil: the schedule has no such pool any more.
  private static func limit(
    _ key: PoolKey, _ scheduled: ScheduledResource?, _ now: Instant
  ) -> Limit? {
    guard let scheduled, let occurrence = scheduled.occurrence(ofOrdinal: key.ordinal, at: now)
    else { return nil }
    return scheduled.limit(of: occurrence, at: now)
  }

  // MARK: Overcommitted pools

  static func overcommittedPools(
    of next: ScheduledResource, _ set: WorkingSet, _ now: Instant
  ) -> [PoolKey] {
    bookedPools(next.resource.id, set).filter { excess($0, next, set, now) > 0 }
  }

  /// Says of each of `pools` that it carries more than its limit, where it did not do so before.
  static func announceOvercommitted(
    _ pools: [PoolKey], _ before: ScheduledResource?, actor: String, _ set: inout WorkingSet,
    _ now: Instant
  ) {
    for pool in pools where excess(pool, before, set, now) <= 0 {
      set.append(
        .capacityOvercommitted, at: now, .pool(resourceID: pool.resourceID),
        [Capacity.Movement(pool: pool, balance: set.pool(pool))], actor: actor)
    }
  }

  // How much more the pool carries than its limit. One without a place in the schedule has no limit to break.
  private static func excess(
    _ key: PoolKey, _ scheduled: ScheduledResource?, _ set: WorkingSet, _ now: Instant
  ) -> Int64 {
    guard case .units(let units)? = limit(key, scheduled, now) else { return 0 }
    let pool = set.pool(key)
    return pool.held + pool.consumed - units
  }
}
