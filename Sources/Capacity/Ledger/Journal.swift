/// What the open batch changed: each record as it was before, and the events in their order.
struct Journal {
  /// Numbers the batches, so that a record knows whether this one has changed it already.
  var batch: UInt64 = 1
  var counters: StoreCounters?
  var pools: [(key: PoolKey, before: Pool?)] = []
  var reservations: [(before: Reservation?, after: Reservation)] = []
  var keys: [(key: IdempotencyKey, number: UInt64)] = []
  var resources: [String: ScheduledResource?] = [:]
  var products: [String: Product?] = [:]
  var events: [Event] = []
  /// The lanes that it decides in.
  var lanes = LaneSet()
  /// Up to where triggers were told before it, for each lane that went on.
  var triggersTold: [(lane: Int, before: Instant)] = []
  var audit: [AuditRecord] = []
  /// Which pools were chosen to be written, lane by lane.
  var sweeps: [PoolSweep.Step] = []

  /// The journal of the batch behind this one.
  var next: Journal {
    var next = Journal()
    next.batch = batch + 1
    return next
  }

  /// Begins the journal of the next batch, in the memory of this one.
  mutating func turnOver() {
    batch += 1
    counters = nil
    pools.removeAll(keepingCapacity: true)
    reservations.removeAll(keepingCapacity: true)
    keys.removeAll(keepingCapacity: true)
    resources.removeAll()
    products.removeAll()
    events.removeAll(keepingCapacity: true)
    lanes = LaneSet()
    triggersTold.removeAll(keepingCapacity: true)
    sweeps.removeAll(keepingCapacity: true)
    audit.removeAll(keepingCapacity: true)
  }
}

/// A batch that is on its way to the store: nothing is changed by it any more, but it can still be undone.
struct SentBatch {
  var journal: Journal
  /// Its own keys, and those that were loaded for it.
  var keys: [IdempotencyKey: UInt64]
}

extension WorkingSet {
  /// Changes a pool and answers what it became.
  mutating func write(_ key: PoolKey, _ change: (inout Pool) -> Void) -> Pool {
    guard let place = pools.index(forKey: key) else {
      journal.pools.append((key, nil))
      var record = PoolRecord(pool: .untouched)
      record.batch = journal.batch
      change(&record.pool)
      pools[key] = record
      ordinals.insert(key)
      return record.pool
    }
    // Looked for once, and changed in its place.
    return pools.values[place].write(key, change, &journal)
  }

  mutating func write(_ reservation: Reservation) {
    let before = reservations.update(reservation, at: reservation.number)
    journal.reservations.append((before, reservation))
    if !buyers.isEmpty { buyers[reservation.buyerID]?.note(reservation, in: catalogue) }
    reindex(before, reservation)
  }

  /// Notes when the units of a reservation run out that was `before` and is `after`.
  mutating func reindex(_ before: Reservation?, _ after: Reservation?) {
    let (held, holds) = (before?.isHolding == true, after?.isHolding == true)
    guard !(held && holds && before?.expiresAt == after?.expiresAt) else { return }
    if let before, held { unindex(before) }
    if let after, holds { index(after) }
  }

  mutating func write(_ key: IdempotencyKey, for number: UInt64) {
    journal.keys.append((key, number))
    keys[key] = number
  }

  mutating func write(_ resource: Resource, zone: Zone) {
    if journal.resources[resource.id] == nil {
      journal.resources[resource.id] = .some(catalogue.resource(resource.id))
    }
    catalogue.put(resource, zone: zone)
  }

  mutating func write(_ product: Product) {
    if journal.products[product.id] == nil {
      journal.products[product.id] = .some(catalogue.product(product.id))
    }
    if limitsBuyers(product.id) != product.limits.concernBuyers { buyers.removeAll() }
    catalogue.put(product)
  }

  /// The number for a new reservation whose first line is of `sellerID`. It says the lane of that seller, so that lanes need not ask
  /// one another, and is higher than all that are known, so that numbers go with time.
  mutating func nextReservationNumber(sellerID: String) -> UInt64 {
    rememberCounters()
    let (count, home) = (UInt64(lanes.count), UInt64(lane(ofSeller: sellerID)))
    let number =
      counters.nextReservation + (home + count - counters.nextReservation % count) % count
    counters.nextReservation = number + 1
    return number
  }

  mutating func append(
    _ kind: Event.Kind, at: Instant, _ subject: Event.Subject, _ movements: [Movement],
    actor: String, reason: String = ""
  ) {
    rememberCounters()
    journal.events.append(
      Event(
        sequence: counters.nextSequence, kind: kind, at: at, subject: subject, movements: movements,
        actor: actor, reason: reason))
    counters.nextSequence += 1
  }

  /// Adds to what the event with this index of the batch has moved.
  mutating func add(_ movements: some Sequence<Movement>, toEvent index: Int) {
    journal.events[index].movements += movements
  }

  /// Notes for the audit log what the batch has done.
  package mutating func note(_ record: AuditRecord) {
    journal.audit.append(record)
  }

  /// What the batch has noted for the audit log.
  package var auditRecords: [AuditRecord] { journal.audit }

  /// Has the open batch decide in `some` lanes too (nil: in all), and moves their decision clocks to `now`; none ever goes back.
  /// Answers the instant to decide at.
  package mutating func decide(at now: Instant, in some: LaneSet? = nil) -> Instant {
    let some = some ?? allLanes
    journal.lanes.formUnion(some)
    let last = counters.lastDecision
    guard now > last || lanes.count > 1 else { return last }
    rememberCounters()
    let instant = max(now, last)
    for number in some { counters.marks[number].lastDecision = instant }
    return instant
  }

  /// Notes that triggers of a lane which time alone turns on are told up to `instant`.
  mutating func tellTriggers(until instant: Instant, in lane: Int) {
    journal.triggersTold.append((lane, lanes[lane].triggersTold))
    setTriggersTold(instant, in: lane)
  }

  /// The lanes that the open batch decides in.
  package var openLanes: LaneSet { journal.lanes }

  /// The store's counters as they are without the open batch.
  package var countersBefore: StoreCounters { journal.counters ?? counters }

  /// What the batch changed, ready for the store. The journal stays until `commit` or `rollBack`.
  package mutating func changes() -> ChangeSet {
    noteLastSequences()
    // First: the lane says which they are.
    let pools = choosePools()
    var changes = ChangeSet(
      counters: counters,
      resources: journal.resources.keys.sorted().compactMap { catalogue.resource($0)?.resource },
      products: journal.products.keys.sorted().compactMap { catalogue.product($0) },
      pools: pools, reservations: changedReservations(), keys: journal.keys,
      events: journal.events)
    if lanes.count > 1 { changes.lanes = journal.lanes }
    changes.changedPools = journal.pools.map(\.key)
    changes.newPools = Set(journal.pools.lazy.filter { $0.before == nil }.map(\.key))
    return changes
  }

  private mutating func noteLastSequences() {
    guard let last = journal.events.last else { return }
    guard lanes.count > 1 else {
      counters.marks[0].lastSequence = last.sequence
      return
    }
    for event in journal.events {
      for number in lanes(of: event) {
        precondition(journal.lanes.contains(number), "an event of a lane that is not decided in")
        counters.marks[number].lastSequence = event.sequence
      }
    }
  }

  // A record that the batch has changed twice is told by its latest state alone.
  private func changedReservations() -> [Reservation] {
    var changed = journal.reservations.map(\.after)
    let isInOrder = changed.indices.dropLast().allSatisfy {
      changed[$0].number < changed[$0 + 1].number
    }
    guard !isInOrder else { return changed }
    var seen: Set<UInt64> = []
    changed = changed.reversed().filter { seen.insert($0.number).inserted }
    return changed.sorted { $0.number < $1.number }
  }

  /// The batch is durable: its journal is not needed any more.
  package mutating func commit() {
    journal.turnOver()
  }

  /// The same where the batch had entries of the audit log, whose end is now `audit`.
  package mutating func commit(audit: AuditHead) {
    counters.audit = audit
    journal.turnOver()
  }

  /// The open batch is on its way to the store, and the next one begins on top of it. At most one is on its way.
  package mutating func send() {
    precondition(sent == nil, "a batch is on its way already")
    sent = SentBatch(journal: journal, keys: keys)
    journal = journal.next
    keys = [:]
  }

  /// What was sent is durable.
  package mutating func commitSent() {
    sent = nil
  }

  /// What was sent was not written: it is undone, and before it the open batch, which stands on it.
  package mutating func rollBackSent() {
    rollBack()
    guard let undone = sent else { return }
    sent = nil
    undo(undone.journal)
  }

  /// The open batch was not written: everything is again as it was before it.
  package mutating func rollBack() {
    let undone = journal
    journal.turnOver()
    for (key, _) in undone.keys { keys[key] = nil }
    undo(undone)
  }

  private mutating func undo(_ undone: Journal) {
    undo(undone.sweeps)
    if let before = undone.counters {
      // Readers may have been told this instant already, so the clock stays where it is.
      let decided = counters.marks.map(\.lastDecision)
      counters = before
      for (number, instant) in decided.enumerated() {
        counters.marks[number].lastDecision = instant
      }
    }
    for (lane, before) in undone.triggersTold.reversed() { setTriggersTold(before, in: lane) }
    // The first state that the batch found is the last to be put back.
    for (before, after) in undone.reservations.reversed() {
      reservations[after.number] = before
      // Entries that looked dead meanwhile are gone.
      reindex(after, before)
      if !buyers.isEmpty { rollBackBuyer(before, after) }
    }
    // After the holds, which are entered in their pools: one that the batch made must leave nothing behind.
    for (key, before) in undone.pools {
      if let before {
        pools[key]?.pool = before
      } else {
        pools[key] = nil
        ordinals.remove(key)
      }
    }
    for (id, before) in undone.resources { catalogue.restore(before, id: id) }
    for (id, before) in undone.products { catalogue.restore(before, id: id) }
    if !undone.products.isEmpty { buyers.removeAll() }
  }

  private mutating func rollBackBuyer(_ before: Reservation?, _ after: Reservation) {
    guard let before else {
      buyers[after.buyerID]?.forget(after.number)
      return
    }
    buyers[before.buyerID]?.note(before, in: catalogue)
  }

  mutating func rememberCounters() {
    if journal.counters == nil { journal.counters = counters }
  }
}

extension PoolRecord {
  fileprivate mutating func write(
    _ key: PoolKey, _ change: (inout Pool) -> Void, _ journal: inout Journal
  ) -> Pool {
    if batch != journal.batch {
      journal.pools.append((key, pool))
      batch = journal.batch
    }
    change(&pool)
    return pool
  }
}
