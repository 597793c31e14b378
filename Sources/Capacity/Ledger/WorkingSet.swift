/// The records that a lane decides on, in memory, with a journal of what the open batch changed.
///
/// A lane that owns its store keeps every pool and every live reservation here from batch to batch; other records are
/// loaded when a command names them and forgotten after it. The journal makes a batch one unit: `takeChanges` hands it
/// to the store, `rollBack` undoes it.
package struct WorkingSet {
  package internal(set) var catalogue = Catalogue()
  package internal(set) var lane: LaneState
  var pools: [PoolKey: PoolRecord] = [:]
  // The keys of `pools`, in order.
  var ordinals = PoolOrdinals()
  var reservations = NumberTable<Reservation>()
  // Keys that stand for a reservation. Whether one is missing here or in the store is known only while it is loaded.
  var keys: [IdempotencyKey: UInt64] = [:]
  // The batch that is on its way to the store, under the open one.
  var sent: SentBatch?
  // Buyers of products that limit them, as far as they were asked about.
  var buyers: [String: BuyerRecord] = [:]
  var journal = Journal()
  var latestPlan = LatestPlan()
  // Pools whose rows are behind.
  var sweep = PoolSweep()
  // Triggers that time alone turns on are in the log up to here.
  private(set) var triggersTold: Instant
  private var nextTrigger: (revision: UInt64, at: Instant?)?
  private var holds = HoldHeap()

  package init(lane: LaneState = LaneState()) {
    self.lane = lane
    triggersTold = lane.lastDecision
  }

  /// Says that this set, read anew, takes the place of `other`: whoever has seen that one's catalogue looks again, and no
  /// decision is earlier than one that was told already.
  package mutating func replace(_ other: WorkingSet) {
    catalogue.replace(other.catalogue)
    sweep.limits = other.sweep.limits
    lane.lastDecision = max(lane.lastDecision, other.lane.lastDecision)
  }

  package var reservationsCount: Int { reservations.count }
  /// Entries that it keeps of when holds run out, dead ones included.
  var holdsCount: Int { holds.count }
  package var hasChanges: Bool { !journal.events.isEmpty || !journal.audit.isEmpty }

  // MARK: Loading

  package mutating func load(_ resource: Resource, zone: Zone) {
    catalogue.put(resource, zone: zone)
  }

  package mutating func load(_ product: Product) {
    catalogue.put(product)
  }

  package mutating func load(_ pool: Pool, for key: PoolKey) {
    pools[key] = PoolRecord(pool: pool)
    ordinals.insert(key)
  }

  package mutating func load(_ reservation: Reservation) {
    reservations[reservation.number] = reservation
    if reservation.isHolding { index(reservation) }
  }

  /// Takes what the store answered; a name that was asked for and that `records` lacks is known to be missing.
  package mutating func load(_ records: Records) {
    keys.merge(records.keys) { $1 }
    for reservation in records.reservations.values where !holdsRecord(reservation.number) {
      load(reservation)
    }
    for (key, pool) in records.pools { load(pool, for: key) }
  }

  /// Forgets what only one batch needed: keys, and reservations that hold nothing any more. What the open batch has changed is
  /// not forgotten, nor are its keys: it is not over.
  package mutating func forgetTransientRecords(_ numbers: some Sequence<UInt64>) {
    if !hasChanges { keys.removeAll(keepingCapacity: true) }
    var open: Set<UInt64>?
    for number in numbers where reservations[number]?.isHolding == false {
      let changed = open ?? Set(journal.reservations.lazy.map(\.after.number))
      open = changed
      if !changed.contains(number) { reservations[number] = nil }
    }
  }

  package func holdsRecord(_ number: UInt64) -> Bool { reservations[number] != nil }
  package func reservation(_ number: UInt64) -> Reservation? { reservations[number] }
  func pool(_ key: PoolKey) -> Pool { pools[key]?.pool ?? .untouched }

  /// The reservation that a key stands for, as far as that is loaded.
  func number(of key: IdempotencyKey) -> UInt64? { keys[key] ?? sent?.keys[key] }

  // MARK: Reading

  /// The pool as it stands, its next expiry included. Holds that have run out must have been expired before.
  package mutating func view(_ key: PoolKey) -> PoolView {
    let reservations = self.reservations
    return pools[key]?.view { entry in
      // A reservation that lives may have given back what it held of this pool.
      reservations.isAlive(entry)
        && reservations[entry.number]?.holdsUnits(of: key) == true
    } ?? .untouched
  }

  /// The pool as it stands, but for when its holds run out.
  func counts(_ key: PoolKey) -> PoolView { PoolView(pool: pool(key), nextExpiry: nil) }

  /// The pools of a resource that something was ever drawn from, by their ordinals, ascending.
  package func ordinals(of resourceID: String, in range: ClosedRange<Int64>) -> [Int64] {
    Array(ordinals.ordinals(of: resourceID, in: range))
  }

  /// The next instant at which time alone has something to write: a hold of the lane runs out, or a trigger turns on.
  package mutating func nextExpiry() -> Instant? {
    let reservations = self.reservations
    let hold = holds.first(isAlive: reservations.isAlive)?.expiresAt
    guard let trigger = nextTriggerTime() else { return hold }
    return min(trigger, hold ?? trigger)
  }

  /// The next instant at which a trigger by days may turn on.
  mutating func nextTriggerTime() -> Instant? {
    if let known = nextTrigger, known.revision == catalogue.revision,
      known.at.map({ $0 > triggersTold }) ?? true
    {
      return known.at
    }
    let at = catalogue.nextMidnight(after: triggersTold)
    nextTrigger = (catalogue.revision, at)
    return at
  }

  /// Notes up to where triggers by days are told.
  mutating func setTriggersTold(_ instant: Instant) {
    if instant < triggersTold { nextTrigger = nil }
    triggersTold = instant
  }

  /// The number of the hold that runs out first, if that is at `now` or before.
  mutating func nextDue(at now: Instant) -> UInt64? {
    let reservations = self.reservations
    guard let first = holds.first(isAlive: reservations.isAlive), first.expiresAt <= now else {
      return nil
    }
    return first.number
  }

  // MARK: Holds

  /// Notes when the units run out which `reservation` holds.
  mutating func index(_ reservation: Reservation) {
    let reservations = self.reservations
    let entry = HoldHeap.Entry(expiresAt: reservation.expiresAt, number: reservation.number)
    holds.insert(entry, isAlive: reservations.isAlive)
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws {
        pools[draw.pool, default: PoolRecord(pool: .untouched)].holds
          .insert(entry, isAlive: reservations.isAlive)
      }
    }
  }

  /// Notes that what `index` has noted of `reservation` is so no more.
  mutating func unindex(_ reservation: Reservation) {
    let reservations = self.reservations
    holds.noteDead(isAlive: reservations.isAlive)
    for line in reservation.lines {
      for draw in line.draws { pools[draw.pool]?.holds.noteDead(isAlive: reservations.isAlive) }
    }
  }
}

extension NumberTable<Reservation> {
  /// Whether a heap's entry still says when its reservation runs out.
  fileprivate func isAlive(_ entry: HoldHeap.Entry) -> Bool {
    guard let reservation = self[entry.number] else { return false }
    return reservation.isHolding && reservation.expiresAt == entry.expiresAt
  }
}

/// A pool in memory, with the holds that draw on it.
struct PoolRecord {
  var pool: Pool
  var holds = HoldHeap()
  /// The batch that changed it last.
  var batch: UInt64 = 0
  /// The last event that its row may lack; at or before `LaneState.poolsWrittenTo`: it lacks none.
  var changedAt: UInt64 = 0

  init(pool: Pool) {
    self.pool = pool
  }

  fileprivate mutating func view(isAlive: (HoldHeap.Entry) -> Bool) -> PoolView {
    PoolView(pool: pool, nextExpiry: holds.first(isAlive: isAlive)?.expiresAt)
  }
}

extension Reservation {
  fileprivate func holdsUnits(of key: PoolKey) -> Bool {
    lines.contains { line in line.held > 0 && line.draws.contains { $0.pool == key } }
  }
}
