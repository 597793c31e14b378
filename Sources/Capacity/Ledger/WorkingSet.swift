/// The records that a lane decides on, in memory, with a journal of what the open batch changed.
///
/// A lane that owns its store keeps every pool and every live reservation here from batch to batch; other records are
/// loaded when a command names them and forgotten after it. The journal makes a batch one unit: `takeChanges` hands it
/// to the store, `rollBack` undoes it.
package struct WorkingSet {
  package internal(set) var catalogue = Catalogue()
  package internal(set) var counters: StoreCounters
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
  var recentPlans = RecentPlans()
  // What is kept for each lane, by its number.
  var lanes: [LaneMemory]

  package init(counters: StoreCounters = StoreCounters()) {
    self.counters = counters
    lanes = counters.marks.map { LaneMemory(triggersTold: $0.lastDecision) }
  }

  /// Says that this set, read anew, takes the place of `other`: whoever has seen that one's catalogue looks again, and no
  /// decision is earlier than one that was told already.
  package mutating func replace(_ other: WorkingSet) {
    catalogue.replace(other.catalogue)
    sweepLimits = other.sweepLimits
    let decided = other.counters.lastDecision
    for number in counters.marks.indices {
      counters.marks[number].lastDecision = max(counters.marks[number].lastDecision, decided)
    }
  }

  package var reservationsCount: Int { reservations.count }
  /// Entries that it keeps of when holds run out, dead ones included.
  var holdsCount: Int { lanes.reduce(0) { $0 + $1.holds.count } }
  package var hasChanges: Bool { !journal.events.isEmpty || !journal.audit.isEmpty }

  // MARK: Loading

  package mutating func load(_ resource: Resource, zone: Zone) {
    catalogue.put(resource, zone: zone)
  }

  package mutating func load(_ product: Product) {
    catalogue.put(product)
  }

  package mutating func load(_ pool: Pool, for key: PoolKey) {
    var key = key
    // The very text that plans have: whether it is the same is seen without reading it.
    if let resource = catalogue.resource(key.resourceID) { key.resourceID = resource.resource.id }
    pools[key] = PoolRecord(pool: pool)
    ordinals.insert(key)
  }

  package mutating func load(_ reservation: consuming Reservation) {
    guard reservation.isHolding else {
      reservations[reservation.number] = reservation
      return
    }
    share(&reservation)
    // First, for what looks through the holds asks whether it lives.
    reservations[reservation.number] = reservation
    index(reservation)
  }

  // What was read has texts of its own; those of its products are taken instead, which saves a quarter of the memory. It says the same as
  // before: where its product is sold otherwise now it stays as it is.
  private mutating func share(_ reservation: inout Reservation) {
    for index in reservation.lines.indices {
      let found = recentPlans.find(
        productID: reservation.lines[index].productID, slotID: reservation.lines[index].slot,
        in: catalogue, at: counters.lastDecision)
      if case .plan(let plan) = found { reservation.lines[index].share(plan) }
    }
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

  /// The next instant at which time alone has something to write in one of `lanes` (nil: in any): a hold runs out, or a trigger turns
  /// on.
  package mutating func nextExpiry(in some: LaneSet? = nil) -> Instant? {
    var next: Instant?
    for lane in some ?? allLanes {
      let hold = firstHold(in: lane)?.expiresAt
      for instant in [hold, nextTriggerTime(in: lane)].compactMap({ $0 }) {
        next = min(next ?? instant, instant)
      }
    }
    return next
  }

  /// The next instant at which a trigger by days of a lane may turn on.
  mutating func nextTriggerTime(in lane: Int) -> Instant? {
    let told = lanes[lane].triggersTold
    if let known = lanes[lane].nextTrigger, known.revision == catalogue.revision,
      known.at.map({ $0 > told }) ?? true
    {
      return known.at
    }
    let hasTriggers =
      lanes.count == 1
      || catalogue.productsWithDayTriggers.contains { self.lane(ofSeller: $0.sellerID) == lane }
    let at = hasTriggers ? catalogue.nextMidnight(after: told) : nil
    lanes[lane].nextTrigger = (catalogue.revision, at)
    return at
  }

  /// Notes up to where triggers by days of a lane are told.
  mutating func setTriggersTold(_ instant: Instant, in lane: Int) {
    if instant < lanes[lane].triggersTold { lanes[lane].nextTrigger = nil }
    lanes[lane].triggersTold = instant
  }

  /// The number of the hold of `some` lanes that runs out first, if that is at `now` or before.
  mutating func nextDue(at now: Instant, in some: LaneSet) -> UInt64? {
    var first: HoldHeap.Entry?
    for lane in some {
      guard let entry = firstHold(in: lane), entry.expiresAt <= now else { continue }
      if first.map({ entry.precedes($0) }) ?? true { first = entry }
    }
    return first?.number
  }

  private mutating func firstHold(in lane: Int) -> HoldHeap.Entry? {
    let reservations = self.reservations
    return lanes[lane].holds.first(isAlive: reservations.isAlive)
  }

  // MARK: Holds

  /// Notes when the units run out which `reservation` holds.
  mutating func index(_ reservation: Reservation) {
    let reservations = self.reservations
    let entry = HoldHeap.Entry(expiresAt: reservation.expiresAt, number: reservation.number)
    for lane in lanes(of: reservation) {
      lanes[lane].holds.insert(entry, isAlive: reservations.isAlive)
    }
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
    for lane in lanes(of: reservation) {
      lanes[lane].holds.noteDead(isAlive: reservations.isAlive)
    }
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

/// What memory has of one lane alone.
struct LaneMemory {
  /// The holds of its sellers.
  var holds = HoldHeap()
  /// Its pools whose rows are behind.
  var sweep = PoolSweep()
  /// Triggers that time alone turns on are in the log up to here.
  var triggersTold: Instant
  /// When the next does, as long as the catalogue is of that revision.
  var nextTrigger: (revision: UInt64, at: Instant?)?

  init(triggersTold: Instant) {
    self.triggersTold = triggersTold
  }
}

/// A pool in memory, with the holds that draw on it.
struct PoolRecord {
  var pool: Pool
  var holds = HoldHeap()
  /// The batch that changed it last.
  var batch: UInt64 = 0
  /// The last event that its row may lack; at or before `LaneMark.poolsWrittenTo`: it lacks none.
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

extension ReservationLine {
  fileprivate mutating func share(_ plan: SlotPlan) {
    terms = terms == plan.terms ? plan.terms : terms.sharing(plan.terms)
  }
}
