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
  // When each living hold runs out: the first thing to ask about an entry of a heap.
  private var living: [UInt64: Instant] = [:]
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
    noteLife(of: reservation.number, reservation)
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
    return PoolView(pool: pool, nextExpiry: nextExpiry(of: key))
  }

  /// The next instant at which a hold of the lane runs out.
  package mutating func nextExpiry() -> Instant? {
    let living = self.living
    return holds.first { living[$0.number] == $0.expiresAt }?.expiresAt
  }

  /// The number of the hold that runs out first, if that is at `now` or before.
  mutating func nextDue(at now: Instant) -> UInt64? {
    let living = self.living
    guard let first = holds.first(isAlive: { living[$0.number] == $0.expiresAt }),
      first.expiresAt <= now
    else { return nil }
    return first.number
  }

  private mutating func nextExpiry(of key: PoolKey) -> Instant? {
    let (living, reservations) = (self.living, self.reservations)
    let first = holdsByPool[key]?.first { entry in
      guard living[entry.number] == entry.expiresAt else { return false }
      // A reservation that lives may have given back what it held of this pool.
      return reservations[entry.number]?.holdsUnits(of: key) ?? false
    }
    // Pools without holds keep nothing here.
    if first == nil { holdsByPool[key] = nil }
    return first?.expiresAt
  }

  // MARK: Holds

  /// Brings what is known of living holds in line with `reservation`. After a roll-back it is indexed `again`: entries
  /// that looked dead meanwhile are gone.
  mutating func noteLife(of number: UInt64, _ reservation: Reservation?, again: Bool = false) {
    guard let reservation, reservation.isHolding else {
      living[number] = nil
      return
    }
    let known = living.updateValue(reservation.expiresAt, forKey: number)
    if again || known != reservation.expiresAt { index(reservation) }
  }

  private mutating func index(_ reservation: Reservation) {
    let entry = HoldHeap.Entry(expiresAt: reservation.expiresAt, number: reservation.number)
    let living = self.living
    holds.insert(entry) { living[$0.number] == $0.expiresAt }
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws {
        holdsByPool[draw.pool, default: HoldHeap()].insert(entry) {
          living[$0.number] == $0.expiresAt
        }
      }
    }
  }
}

extension Reservation {
  fileprivate func holdsUnits(of key: PoolKey) -> Bool {
    lines.contains { line in line.held > 0 && line.draws.contains { $0.pool == key } }
  }
}
