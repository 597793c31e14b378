/// Recomputes every counter from the log and says where the stored ones differ. The log is the ledger: adding up its
/// movements must give each pool, and the pools and reservations after its last event.
package struct LedgerAudit {
  /// Something that is not as the log says.
  package enum Finding: Equatable, Sendable {
    /// Sequences must follow one another without a gap.
    case eventMissing(after: UInt64, next: UInt64)
    /// An event's own balance is not the sum of the movements up to it.
    case balanceWrong(sequence: UInt64, pool: PoolKey, recorded: Pool, recomputed: Pool)
    /// A stored counter is not the sum of all movements.
    case poolWrong(pool: PoolKey, stored: Pool, recomputed: Pool)
    /// The units that stored reservations hold are not what the pool counts as held.
    case holdsWrong(pool: PoolKey, counted: Int64, held: Int64)
    /// A stored reservation is not as its last event left it.
    case reservationWrong(number: UInt64)
    /// The lane's next sequence does not follow the last event.
    case laneWrong(nextSequence: UInt64, lastEvent: UInt64)
  }

  /// More findings than these are counted, not listed.
  package static let findingsMax = 1000

  package private(set) var findings: [Finding] = []
  package private(set) var findingsCount = 0
  package private(set) var eventsCount = 0
  package private(set) var poolsCount = 0
  package private(set) var reservationsCount = 0
  private var pools: [PoolKey: Pool] = [:]
  private var holds: [PoolKey: Int64] = [:]
  // Number to version: enough to notice a lost or a resurrected write.
  private var versions: [UInt64: UInt64] = [:]
  private var lastSequence: UInt64 = 0

  package init() {}

  /// Adds the next event of the log, in order from the first.
  package mutating func add(_ event: Event) {
    eventsCount += 1
    if event.sequence != lastSequence + 1 {
      report(.eventMissing(after: lastSequence, next: event.sequence))
    }
    lastSequence = event.sequence
    for movement in event.movements { add(movement, event) }
    if case .reservation(let reservation) = event.subject {
      versions[reservation.number] = reservation.version
    }
  }

  /// Checks a stored reservation; all of them must be shown, after all events.
  package mutating func check(_ reservation: Reservation) {
    reservationsCount += 1
    if versions.removeValue(forKey: reservation.number) != reservation.version {
      report(.reservationWrong(number: reservation.number))
    }
    for line in reservation.lines where line.held > 0 {
      for draw in line.draws { holds[draw.pool, default: 0] += line.held * draw.units }
    }
  }

  /// Checks a stored pool; all of them must be shown, after all reservations.
  package mutating func check(_ pool: Pool, for key: PoolKey) {
    poolsCount += 1
    let recomputed = pools.removeValue(forKey: key) ?? .untouched
    if recomputed != pool {
      report(.poolWrong(pool: key, stored: pool, recomputed: recomputed))
    }
    let counted = holds.removeValue(forKey: key) ?? 0
    if counted != pool.held {
      report(.holdsWrong(pool: key, counted: counted, held: pool.held))
    }
  }

  /// Ends the audit: what the log knows and the store did not show is missing there.
  package mutating func finish(_ lane: LaneState) {
    for (key, pool) in pools.sorted(by: { $0.key < $1.key }) where pool != .untouched {
      report(.poolWrong(pool: key, stored: .untouched, recomputed: pool))
    }
    for (key, counted) in holds.sorted(by: { $0.key < $1.key }) {
      report(.holdsWrong(pool: key, counted: counted, held: 0))
    }
    for number in versions.keys.sorted() { report(.reservationWrong(number: number)) }
    if lane.nextSequence != lastSequence + 1 {
      report(.laneWrong(nextSequence: lane.nextSequence, lastEvent: lastSequence))
    }
  }

  private mutating func add(_ movement: Movement, _ event: Event) {
    // A stock's total is its resource's, not the pool's; what moves nothing at all has touched the pool all the same.
    guard movement.limit == 0 || movement.held != 0 || movement.consumed != 0 else { return }
    var pool = pools[movement.pool] ?? .untouched
    pool.held += movement.held
    pool.consumed += movement.consumed
    pool.revision += 1
    if pool != movement.balance {
      report(
        .balanceWrong(
          sequence: event.sequence, pool: movement.pool, recorded: movement.balance,
          recomputed: pool))
    }
    pools[movement.pool] = pool
  }

  private mutating func report(_ finding: Finding) {
    findingsCount += 1
    if findings.count < LedgerAudit.findingsMax { findings.append(finding) }
  }
}
