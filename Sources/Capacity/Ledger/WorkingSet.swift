/// The records that a lane decides on, in memory, with a journal of what the open batch changed.
///
/// A lane that owns its store keeps every pool and every live reservation here from batch to batch; other records are
/// loaded when a command names them and forgotten after it. The journal makes a batch one unit: `takeChanges` hands it
/// to the store, `rollBack` undoes it.
package struct WorkingSet {
  package internal(set) var catalogue = Catalogue()
  package internal(set) var lane: LaneState
  var pools: [PoolKey: Pool] = [:]
  var reservations: [UInt64: Reservation] = [:]
  // A key that is known not to be stored maps to nil.
  var keys: [IdempotencyKey: UInt64?] = [:]
  var journal = Journal()
  private var holds = HoldHeap()
  private var holdsByPool: [PoolKey: HoldHeap] = [:]

  package init(lane: LaneState = LaneState()) {
    self.lane = lane
  }

  package var reservationsCount: Int { reservations.count }
  package var hasChanges: Bool { !journal.events.isEmpty }

  // MARK: Loading

  package mutating func load(_ resource: Resource, zone: Zone) {
    catalogue.put(resource, zone: zone)
  }

  package mutating func load(_ product: Product) {
    catalogue.put(product)
  }

  package mutating func load(_ pool: Pool, for key: PoolKey) {
    pools[key] = pool
  }

  package mutating func load(_ reservation: Reservation) {
    reservations[reservation.number] = reservation
    if reservation.isHolding { index(reservation) }
  }

  /// Takes what the store answered for `names`; a name that `records` lacks is known to be missing.
  package mutating func load(_ records: Records, for names: RecordNames) {
    for key in names.keys { keys[key] = .some(records.keys[key]) }
    for reservation in records.reservations.values where !holdsRecord(reservation.number) {
      load(reservation)
    }
    for (key, pool) in records.pools { pools[key] = pool }
  }

  /// Forgets what only one batch needed: keys, and reservations that hold nothing any more.
  package mutating func forgetTransientRecords(_ numbers: some Sequence<UInt64>) {
    keys.removeAll(keepingCapacity: true)
    for number in numbers where reservations[number]?.isHolding == false {
      reservations[number] = nil
    }
  }

  package func holdsRecord(_ number: UInt64) -> Bool { reservations[number] != nil }
  package func holdsRecord(_ key: IdempotencyKey) -> Bool { keys[key] != nil }
  package func reservation(_ number: UInt64) -> Reservation? { reservations[number] }

  // MARK: Reading

  /// The pool as it stands, its next expiry included. Holds that have run out must have been expired before.
  package mutating func view(_ key: PoolKey) -> PoolView {
    guard let pool = pools[key] else { return .untouched }
    return PoolView(pool: pool, nextExpiry: pool.held > 0 ? nextExpiry(of: key) : nil)
  }

  /// The next instant at which a hold of the lane runs out.
  package mutating func nextExpiry() -> Instant? {
    let reservations = self.reservations
    return holds.first { WorkingSet.isAlive($0, in: reservations) }?.expiresAt
  }

  /// The number of the hold that runs out first, if that is at `now` or before.
  mutating func nextDue(at now: Instant) -> UInt64? {
    let reservations = self.reservations
    guard let first = holds.first(isAlive: { WorkingSet.isAlive($0, in: reservations) }),
      first.expiresAt <= now
    else { return nil }
    return first.number
  }

  private mutating func nextExpiry(of key: PoolKey) -> Instant? {
    let reservations = self.reservations
    return holdsByPool[key]?.first {
      WorkingSet.isAlive($0, in: reservations, pool: key)
    }?.expiresAt
  }

  // MARK: Holds

  mutating func index(_ reservation: Reservation) {
    let entry = HoldHeap.Entry(expiresAt: reservation.expiresAt, number: reservation.number)
    let reservations = self.reservations
    holds.insert(entry) { WorkingSet.isAlive($0, in: reservations) }
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws {
        holdsByPool[draw.pool, default: HoldHeap()].insert(entry) {
          WorkingSet.isAlive($0, in: reservations, pool: draw.pool)
        }
      }
    }
  }

  private static func isAlive(
    _ entry: HoldHeap.Entry, in reservations: [UInt64: Reservation]
  ) -> Bool {
    guard let reservation = reservations[entry.number] else { return false }
    return reservation.isHolding && reservation.expiresAt == entry.expiresAt
  }

  private static func isAlive(
    _ entry: HoldHeap.Entry, in reservations: [UInt64: Reservation], pool: PoolKey
  ) -> Bool {
    guard isAlive(entry, in: reservations), let reservation = reservations[entry.number] else {
      return false
    }
    return reservation.lines.contains { line in
      line.held > 0 && line.draws.contains { $0.pool == pool }
    }
  }
}
