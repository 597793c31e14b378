import Capacity
import CapacityEngine

/// The store held against the truth.
extension World {
  /// Every row of the store, against what must be there.
  func compareEverything(_ when: String) throws(Broken) {
    let contents = disk.contents
    guard contents.counters.nextSequence == truth.nextSequence,
      contents.counters.nextReservation == truth.nextNumber
    else {
      throw Broken(
        "I9",
        "\(when) the store has \(contents.counters), the truth is at event \(truth.nextSequence - 1)"
          + " and reservation \(truth.nextNumber - 1)")
    }
    guard contents.reservations == truth.reservations else {
      let wrong = zip(contents.reservations, truth.reservations).first { $0 != $1 }
      throw Broken("I9", "\(when) a reservation is \(String(describing: wrong))")
    }
    let pools = try recoveredPools()
    guard pools.count == truth.pools.count else {
      throw Broken("I1", "\(when) there are \(pools.count) pools, not \(truth.pools.count)")
    }
    for key in truth.pools.keys.sorted() where pools[key] != truth.pool(key) {
      throw Broken(
        "I1", "\(when) \(key) is \(String(describing: pools[key])), not \(truth.pool(key))")
    }
    guard contents.keys == truth.keys else { throw Broken("I5", "\(when) keys are other ones") }
    guard contents.resources == truth.resources, contents.products == truth.products else {
      throw Broken("I9", "\(when) the catalogue is another")
    }
    try recount()
  }

  // As a node that starts would know them: rows may be behind the log.
  private func recoveredPools() throws(Broken) -> [PoolKey: Pool] {
    var pools: [PoolKey: Pool] = [:]
    do throws(StorageError) {
      try StoredPools(of: SimulatedLedger(disk.contents)).each { (key, pool, _) in
        pools[key] = pool
      }
    } catch {
      throw Broken("I1", "pools cannot be read: \(error.detail)")
    }
    return pools
  }

  // The truth keeps counters, too: they must be what its own reservations add up to.
  private func recount() throws(Broken) {
    var sums: [PoolKey: (held: Int64, consumed: Int64)] = [:]
    for reservation in truth.reservations {
      for line in reservation.lines {
        let total = line.held + line.consumed + line.released + line.expired + line.cancelled
        guard total == line.quantity, min(line.held, line.consumed, line.released) >= 0,
          min(line.expired, line.cancelled) >= 0
        else { throw Broken("I3", "units of \(reservation.number) were resolved twice") }
        for draw in line.draws {
          sums[draw.pool, default: (0, 0)].held += line.held * draw.units
          sums[draw.pool, default: (0, 0)].consumed += line.consumed * draw.units
        }
      }
    }
    for (key, state) in truth.pools {
      let sum = sums[key] ?? (0, 0)
      guard sum.held == state.held, sum.consumed == state.consumed else {
        throw Broken("I1", "\(key) counts \(state.pool), its reservations add up to \(sum)")
      }
    }
  }

  /// What `cupo verify` says.
  func audit() throws(Broken) {
    do throws(StorageError) {
      let ledger = SimulatedLedger(disk.contents)
      let audit = try StoreAudit.run(ledger)
      digest.mix(audit.eventsCount)
      guard audit.findingsCount == 0 else {
        throw StorageError(.corrupt, "\(audit.findings.prefix(3))")
      }
      let chains = try AuditVerification.run(ledger)
      guard chains.findings.isEmpty else {
        throw StorageError(.corrupt, "\(chains.findings)")
      }
    } catch {
      throw Broken("I1", "the log does not add up: \(error.detail)")
    }
  }

  // Each change of a definition is told of in the transaction that made it, and nothing else is.
  private func compareAudit(_ changes: ChangeSet) throws(Broken) {
    let kinds: Set<Event.Kind> = [.resourceChanged, .productChanged, .stockAdjusted]
    let changed = changes.events.filter { kinds.contains($0.kind) }.count
    var told = 0
    for entry in changes.audit {
      guard let record = try? AuditSeal.record(of: entry) else {
        throw Broken("I9", "audit entry \(entry.sequence) cannot be read")
      }
      if record.kind == .configurationChanged { told += 1 }
    }
    guard told == changed else {
      throw Broken("I9", "\(changed) definitions changed, the audit log tells of \(told)")
    }
  }

  /// The rows that one turn wrote, as they are in the store now.
  func compareRows(_ all: [ChangeSet]) throws(Broken) {
    let pools = try recoveredPools()
    for changes in all {
      try compareAudit(changes)
      let moved = changes.events.lazy.flatMap { $0.movements.lazy.map(\.pool) }
      for key in Set(moved).union(changes.pools.keys)
      where pools[key] ?? .untouched != truth.pool(key) {
        let stored = String(describing: pools[key])
        throw Broken("I1", "\(key) is \(stored), not \(truth.pool(key))")
      }
      for number in changes.reservations.lazy.map(\.number)
      where disk.contents.reservation(number) != truth.reservation(number) {
        throw Broken("I9", "reservation \(number) is not what was acknowledged")
      }
      for (key, _) in changes.keys where disk.contents.keys[key] != truth.keys[key] {
        throw Broken("I5", "the key \(key.key) is not kept")
      }
    }
    guard let last = all.last else { return }
    if truth.areLanesSeveral {
      try compareLaneRows(last)
    } else if disk.contents.counters != last.counters {
      throw Broken("I9", "the lane's row is \(disk.contents.counters), not \(last.counters)")
    }
    let stored = disk.contents.events.suffix(last.events.count)
    guard stored.elementsEqual(last.events) else {
      throw Broken("I8", "events up to \(truth.nextSequence - 1) are not in the log")
    }
    for resource in last.resources where disk.contents.resources[resource.id] != resource {
      throw Broken("I9", "resource \(resource.id) is not what was acknowledged")
    }
  }

  /// No pool carries more than its limit, unless the limit was cut under what it carried.
  func checkOversell(_ zones: Truth.Zones) throws(Broken) {
    // An edit of the same batch may have cut what was sold before it.
    let isEdited = truth.events.contains {
      $0.kind == .resourceChanged || $0.kind == .stockAdjusted
    }
    guard !isEdited else { return }
    for event in truth.events where event.kind == .reservationHeld {
      for movement in event.movements {
        guard let resource = truth.resources[movement.pool.resourceID],
          let zone = zones[resource.id],
          let place = truth.place(movement.pool.ordinal, resource, zone, event.at),
          let limit = truth.limit(place, resource, event.at)
        else { continue }
        let taken = movement.balance.held + movement.balance.consumed
        guard taken <= limit else {
          throw Broken("I2", "\(movement.pool) carries \(taken) of \(limit)")
        }
      }
    }
  }
}
