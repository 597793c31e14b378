/// Recomputes every counter from the log and says where the stored ones differ. The log is the ledger: adding up its
/// movements must give each pool, and the pools and reservations after its last event.
///
/// It is shown, in this order: the balances of the checkpoint, all events behind it, the lane, all reservations, all
/// pools; then it is finished. What a repair in the log has settled is no finding any more.
package struct LedgerAudit {
  /// Something that is not as the log says.
  package enum Finding: Equatable, Sendable {
    /// Sequences must follow one another without a gap.
    case eventsMissing(LogGap)
    /// An event's own balance is not what its movement makes of the balance before it.
    case balanceWrong(sequence: UInt64, pool: PoolKey, recorded: Pool, expected: Pool)
    /// A stored counter is not the sum of all movements.
    case poolWrong(pool: PoolKey, stored: Pool, recomputed: Pool)
    /// The units that stored reservations hold are not what the pool counts as held.
    case holdsWrong(pool: PoolKey, counted: Int64, held: Int64)
    /// A stored reservation is not as its last event left it.
    case reservationWrong(number: UInt64)
    /// A stored reservation holds units and is not listed so, or the other way around: a start would not know of it.
    case listWrong(number: UInt64, isListed: Bool)
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
  /// The checkpoint that counting began from.
  package let checkpoint: LogCheckpoint
  /// The log as far as it was shown.
  private(set) var log: LogSums
  /// Reservations that are not as their last event left them.
  package private(set) var wrongReservations: Set<UInt64> = []
  /// Reservations that are listed wrong.
  private(set) var wrongLists: Set<UInt64> = []
  private var holds: [PoolKey: Int64] = [:]
  private var seenPools: Set<PoolKey> = []

  // Reservations that were closed before may be missing.
  private let closedKeptFrom: Instant?

  package init(
    from checkpoint: LogCheckpoint = LogCheckpoint(), closedKeptFrom: Instant? = nil
  ) {
    self.checkpoint = checkpoint
    self.closedKeptFrom = closedKeptFrom
    log = LogSums(from: checkpoint)
  }

  /// Adds a balance of the checkpoint; all of them must be shown before any event.
  package mutating func add(balance: Pool, of key: PoolKey) {
    log.add(balance: balance, of: key)
  }

  /// Adds the next event of the log, in order from the first behind the checkpoint.
  package mutating func add(_ event: Event) {
    eventsCount += 1
    log.add(event)
  }

  /// Ends the log, and checks what the lane counts of it.
  package mutating func check(_ counters: StoreCounters) {
    for gap in log.gaps.sorted(by: { $0.after < $1.after }) { report(.eventsMissing(gap)) }
    for each in log.breaks {
      report(
        .balanceWrong(
          sequence: each.sequence, pool: each.pool, recorded: each.recorded,
          expected: each.expected))
    }
    findingsCount += log.breaksCount - log.breaks.count
    if counters.nextSequence != log.lastSequence + 1 {
      report(.laneWrong(nextSequence: counters.nextSequence, lastEvent: log.lastSequence))
    }
  }

  /// Checks a stored reservation; all of them must be shown, after all events.
  ///
  /// - Parameter isListed: whether the store lists it among those that hold units; nil: that is not looked at.
  package mutating func check(_ reservation: Reservation, isListed: Bool? = nil) {
    reservationsCount += 1
    let number = reservation.number
    let mark = log.takeMark(number)
    // What the checkpoint covers was right when it was written.
    let isKnown = mark != nil || number <= checkpoint.lastReservation
    if !isKnown || mark.map({ $0 != ReservationMark(reservation) }) ?? false { reportWrong(number) }
    if let isListed, isListed != reservation.isHolding {
      wrongLists.insert(number)
      report(.listWrong(number: number, isListed: isListed))
    }
    reservation.countUnits { key, held, _ in holds[key, default: 0] &+= held }
  }

  /// Checks a stored pool; all of them must be shown, after all reservations.
  package mutating func check(_ pool: Pool, for key: PoolKey) {
    poolsCount += 1
    seenPools.insert(key)
    check(pool, for: key, recomputed: log.sum(of: key))
    let counted = holds.removeValue(forKey: key) ?? 0
    if counted != pool.held {
      report(.holdsWrong(pool: key, counted: counted, held: pool.held))
    }
  }

  /// Ends the audit: what the log knows and the store did not show is missing there.
  package mutating func finish() {
    for (number, mark) in log.openMarks where !mayBeMissing(mark) { reportWrong(number) }
    for key in log.pools.sorted() where !seenPools.contains(key) {
      check(.untouched, for: key, recomputed: log.sum(of: key))
    }
    for (key, counted) in holds.sorted(by: { $0.key < $1.key }) where counted != 0 {
      report(.holdsWrong(pool: key, counted: counted, held: 0))
    }
  }

  private func mayBeMissing(_ mark: ReservationMark) -> Bool {
    guard let closedAt = mark.closedAt, let closedKeptFrom else { return false }
    return closedAt < closedKeptFrom
  }

  private mutating func check(_ stored: Pool, for key: PoolKey, recomputed: Pool) {
    if recomputed != stored {
      report(.poolWrong(pool: key, stored: stored, recomputed: recomputed))
    }
  }

  private mutating func reportWrong(_ number: UInt64) {
    wrongReservations.insert(number)
    report(.reservationWrong(number: number))
  }

  private mutating func report(_ finding: Finding) {
    findingsCount += 1
    if findings.count < LedgerAudit.findingsMax { findings.append(finding) }
  }
}
