extension Ledger {
  /// Ways in which units move between the counters of a pool.
  enum Movement {
    case hold, release, consumeHeld, consumeFree, cancel
  }

  /// Moves `quantities` of the lines' products, one entry for each line, in every pool behind them.
  static func move(
    _ quantities: [Int64], of reservation: Reservation, _ movement: Movement,
    _ set: inout WorkingSet
  ) -> [Capacity.Movement] {
    var movements: [Capacity.Movement] = []
    for (line, quantity) in zip(reservation.lines, quantities) where quantity > 0 {
      for draw in line.draws {
        add(draw.units * quantity, to: draw.pool, movement, &movements)
      }
    }
    for index in movements.indices {
      movements[index].balance = apply(movements[index], &set)
    }
    return movements
  }

  /// Notes in every pool that `reservation` holds units of that its next expiry may be another now. No unit moves, but
  /// whoever follows the pool has to be told, and by its revision.
  static func touchPools(
    heldBy reservation: Reservation, _ set: inout WorkingSet
  ) -> [Capacity.Movement] {
    var movements: [Capacity.Movement] = []
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws { add(0, to: draw.pool, .hold, &movements) }
    }
    for index in movements.indices {
      movements[index].balance = apply(movements[index], &set)
    }
    return movements
  }

  private static func add(
    _ units: Int64, to pool: PoolKey, _ movement: Movement,
    _ movements: inout [Capacity.Movement]
  ) {
    var index = movements.firstIndex { $0.pool == pool } ?? movements.endIndex
    if index == movements.endIndex {
      movements.append(Capacity.Movement(pool: pool, balance: .untouched))
      index = movements.endIndex - 1
    }
    switch movement {
    case .hold: movements[index].held += units
    case .release: movements[index].held -= units
    case .consumeHeld:
      movements[index].held -= units
      movements[index].consumed += units
    case .consumeFree: movements[index].consumed += units
    case .cancel: movements[index].consumed -= units
    }
  }

  private static func apply(_ movement: Capacity.Movement, _ set: inout WorkingSet) -> Pool {
    set.write(movement.pool) { pool in
      pool.held += movement.held
      pool.consumed += movement.consumed
      pool.revision += 1
      precondition(pool.held >= 0 && pool.consumed >= 0, "a pool's counter fell below zero")
    }
  }

  /// Brings state, closing instant and version in line with what the lines hold now.
  static func settle(
    _ reservation: inout Reservation, lastAct: Reservation.State, at instant: Instant
  ) {
    reservation.version += 1
    if reservation.lines.contains(where: { $0.held > 0 }) {
      reservation.state = .held
      return
    }
    let consumed = reservation.lines.contains { $0.consumed > 0 }
    reservation.state = consumed ? .consumed : lastAct
    if reservation.closedAt == nil { reservation.closedAt = instant }
  }
}
