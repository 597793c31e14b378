import Capacity

/// What must be: a second ledger that shares no rule with the first. It is told each command in the order in which the lane took
/// it, says what the answer and the events must be, and is never asked by the product.
///
/// It shares value types with the product, so that answers can be compared as they are, and nothing that decides.
struct Truth {
  struct PoolState {
    var held: Int64 = 0
    var consumed: Int64 = 0
    var revision: UInt64 = 0
    /// Reservations that hold units of it.
    var holders: [UInt64] = []

    var pool: Pool { Pool(held: held, consumed: consumed, revision: revision) }
  }

  /// An event as it must be.
  struct Expected {
    var kind: Event.Kind
    var at: Instant
    var subject: Event.Subject
    var movements: [Movement] = []
  }

  /// A hold and when it runs out.
  struct Hold {
    var expiresAt: Instant
    var number: UInt64

    static func precedes(_ left: Hold, _ right: Hold) -> Bool {
      (left.expiresAt, left.number) < (right.expiresAt, right.number)
    }
  }

  /// Ascending by number; with one lane without a gap.
  var reservations: [Reservation] = []
  /// Higher than the number of any reservation.
  var nextNumber: UInt64 = 1
  var pools: [PoolKey: PoolState] = [:]
  var keys: [IdempotencyKey: UInt64] = [:]
  var byBuyer: [String: [UInt64]] = [:]
  var resources: [String: Resource] = [:]
  var products: [String: Product] = [:]
  /// Living holds, the first to run out last.
  var holds: [Hold] = []
  var nextSequence: UInt64 = 1
  /// What the present step has come to.
  var events: [Expected] = []
  var touchedPools: Set<PoolKey> = []
  var touchedReservations: Set<UInt64> = []
  var touchedKeys: [IdempotencyKey] = []
  /// What the world calls each slot.
  var spellings: [String: Spelling] = ["": .stock]
  /// The lanes of the store, and which is whose.
  var lanes = [LaneEnd()]
  var sellerLanes: [String: Int] = [:]
  /// The numbers that the present step gives to reservations, in order, as far as a node says.
  var numbersGiven: [UInt64] = []
  /// What a node said and may not be so.
  var complaint: Broken?
  /// What the world means by each zone that the product is given.
  var tables: [Zone: ZoneTable] = [:]

  func reservation(_ number: UInt64) -> Reservation? {
    index(of: number).map { reservations[$0] }
  }

  private func index(of number: UInt64) -> Int? {
    if number > 0, number <= reservations.count, reservations[Int(number) - 1].number == number {
      return Int(number) - 1
    }
    let index = place(of: number)
    return index < reservations.count && reservations[index].number == number ? index : nil
  }

  // Where it stands in `reservations`, or would stand.
  private func place(of number: UInt64) -> Int {
    if (reservations.last?.number ?? 0) < number { return reservations.count }
    var (low, high) = (0, reservations.count)
    while low < high {
      let middle = (low + high) / 2
      if reservations[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Those with a number below `end`; nil: all.
  func reservations(before end: UInt64?) -> ArraySlice<Reservation> {
    reservations[..<(end.map { place(of: $0) } ?? reservations.count)]
  }

  func pool(_ key: PoolKey) -> Pool { pools[key]?.pool ?? .untouched }

  var nextExpiry: Instant? { holds.last?.expiresAt }

  func nextExpiry(after now: Instant) -> Instant? {
    holds.last { $0.expiresAt > now }?.expiresAt
  }

  func nextExpiry(of key: PoolKey) -> Instant? {
    pools[key]?.holders.lazy.compactMap { self.reservation($0)?.expiresAt }.min()
  }

  /// Begins a step: what it comes to is collected anew.
  mutating func begin() {
    events.removeAll(keepingCapacity: true)
    touchedPools.removeAll(keepingCapacity: true)
    touchedReservations.removeAll(keepingCapacity: true)
    touchedKeys.removeAll(keepingCapacity: true)
    numbersGiven.removeAll(keepingCapacity: true)
  }

  mutating func append(
    _ kind: Event.Kind, _ at: Instant, _ subject: Event.Subject, _ movements: [Movement] = []
  ) {
    events.append(Expected(kind: kind, at: at, subject: subject, movements: movements))
    if areLanesSeveral {
      for lane in lanes(of: subject) { lanes[lane].lastSequence = nextSequence }
    }
    nextSequence += 1
  }

  // MARK: Reservations

  /// Takes over what became of a reservation, and keeps the lists of holds in step.
  mutating func write(_ reservation: Reservation) {
    if let index = index(of: reservation.number) {
      forgetHolds(of: reservations[index])
      reservations[index] = reservation
    } else {
      reservations.insert(reservation, at: place(of: reservation.number))
      byBuyer[reservation.buyerID, default: []].append(reservation.number)
    }
    touchedReservations.insert(reservation.number)
    guard reservation.state == .held else { return }
    let hold = Hold(expiresAt: reservation.expiresAt, number: reservation.number)
    holds.insert(hold, at: place(of: hold))
    for key in Self.heldPools(reservation) {
      pools[key, default: PoolState()].holders.append(reservation.number)
    }
  }

  private mutating func forgetHolds(of reservation: Reservation) {
    guard reservation.state == .held else { return }
    let index = place(of: Hold(expiresAt: reservation.expiresAt, number: reservation.number))
    if index < holds.count, holds[index].number == reservation.number { holds.remove(at: index) }
    for key in Self.heldPools(reservation) {
      pools[key]?.holders.removeAll { $0 == reservation.number }
    }
  }

  private static func heldPools(_ reservation: Reservation) -> [PoolKey] {
    var found: [PoolKey] = []
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws where !found.contains(draw.pool) { found.append(draw.pool) }
    }
    return found
  }

  // Where a hold stands, or would stand, in `holds`, which descend.
  private func place(of hold: Hold) -> Int {
    var (low, high) = (0, holds.count)
    while low < high {
      let middle = (low + high) / 2
      if Hold.precedes(hold, holds[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Units

  enum Way { case hold, giveBack, sellHeld, sellFree, cancel, touch }

  /// Moves `quantities` of the lines, one for each line, between the counters of the pools behind them.
  mutating func move(_ quantities: [Int64], of lines: [ReservationLine], _ way: Way) -> [Movement] {
    var movements: [Movement] = []
    for (line, quantity) in zip(lines, quantities) where quantity > 0 {
      for draw in line.draws {
        let at = movements.firstIndex { $0.pool == draw.pool } ?? movements.count
        if at == movements.count {
          movements.append(Movement(pool: draw.pool, balance: .untouched))
        }
        let units = draw.units * quantity
        switch way {
        case .hold: movements[at].held += units
        case .giveBack: movements[at].held -= units
        case .sellHeld:
          movements[at].held -= units
          movements[at].consumed += units
        case .sellFree: movements[at].consumed += units
        case .cancel: movements[at].consumed -= units
        case .touch: break
        }
      }
    }
    for at in movements.indices {
      let key = movements[at].pool
      var state = pools[key] ?? PoolState()
      state.held += movements[at].held
      state.consumed += movements[at].consumed
      state.revision += 1
      pools[key] = state
      movements[at].balance = state.pool
      touchedPools.insert(key)
    }
    return movements
  }

  // MARK: Time

  /// Ends every hold whose time has come, each at its own instant, in that order.
  mutating func expire(at now: Instant) {
    while let hold = holds.last, hold.expiresAt <= now { expire(hold.number) }
  }

  mutating func expire(_ number: UInt64) {
    guard var reservation = reservation(number) else { return }
    let movements = move(reservation.lines.map(\.held), of: reservation.lines, .giveBack)
    for index in reservation.lines.indices {
      reservation.lines[index].expired += reservation.lines[index].held
      reservation.lines[index].held = 0
    }
    close(&reservation, .expired, at: reservation.expiresAt)
    write(reservation)
    append(.reservationExpired, reservation.expiresAt, .reservation(reservation), movements)
  }

  /// Counts a change, and says what the reservation is once nothing of it is held any more.
  func close(_ reservation: inout Reservation, _ last: Reservation.State, at instant: Instant) {
    reservation.version += 1
    if reservation.lines.contains(where: { $0.held > 0 }) { return }
    reservation.state = reservation.lines.contains { $0.consumed > 0 } ? .consumed : last
    reservation.closedAt = reservation.closedAt ?? instant
  }
}
