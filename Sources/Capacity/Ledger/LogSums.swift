/// What the events of a log add up to, and where they do not fit together.
///
/// A repair in the log settles what did not fit before it: a gap that it names, and of a pool everything before an entry
/// of its whose balance is what all movements add up to.
package struct LogSums {
  /// An event whose balance is not what its movement makes of the balance before it.
  struct Break: Equatable, Sendable {
    var sequence: UInt64
    var pool: PoolKey
    var recorded: Pool
    var expected: Pool
  }

  private struct Account {
    /// All movements, added up.
    var sum: Pool
    /// What the last event said: after a break the log is followed from there, so that one damage is one finding.
    var told: Pool
  }

  /// The last event that was added, or that the checkpoint has.
  package private(set) var lastSequence: UInt64
  private(set) var gaps: Set<LogGap> = []
  /// At most ``LedgerAudit/findingsMax`` of them.
  private(set) var breaks: [Break] = []
  private var breakCounts: [PoolKey: Int] = [:]
  // The reservations as their last events left them.
  private var marks: [UInt64: ReservationMark] = [:]
  private var accounts: [PoolKey: Account] = [:]

  package init(from checkpoint: LogCheckpoint) {
    lastSequence = checkpoint.sequence
  }

  /// Whether all that was added fits together, repairs included.
  package var isSound: Bool { gaps.isEmpty && breakCounts.isEmpty }

  var breaksCount: Int { breakCounts.values.reduce(0, +) }
  var pools: some Sequence<PoolKey> { accounts.keys }

  package func knows(_ key: PoolKey) -> Bool { accounts[key] != nil }
  func sum(of key: PoolKey) -> Pool { accounts[key]?.sum ?? .untouched }
  func isBroken(_ key: PoolKey) -> Bool { breakCounts[key] != nil }

  /// Hands out how the log left a reservation, once.
  mutating func takeMark(_ number: UInt64) -> ReservationMark? {
    marks.removeValue(forKey: number)
  }

  /// The marks that nobody has taken, by ascending number.
  var openMarks: [(key: UInt64, value: ReservationMark)] { marks.sorted { $0.key < $1.key } }

  /// Begins a pool from the balance that a checkpoint has of it.
  package mutating func add(balance: Pool, of key: PoolKey) {
    accounts[key] = Account(sum: balance, told: balance)
  }

  /// Adds the next event.
  package mutating func add(_ event: Event) {
    if event.sequence != lastSequence + 1 {
      gaps.insert(LogGap(after: lastSequence, before: event.sequence))
    }
    lastSequence = event.sequence
    switch event.subject {
    case .reservation(let reservation): marks[reservation.number] = ReservationMark(reservation)
    case .gap(let gap): if event.kind == .repaired { gaps.remove(gap) }
    case .resource, .product, .pool: break
    }
    for movement in event.movements { add(movement, event) }
  }

  private mutating func add(_ movement: Movement, _ event: Event) {
    let key = movement.pool
    var account = accounts[key] ?? Account(sum: .untouched, told: .untouched)
    account.sum = account.sum.moved(by: movement, kind: event.kind)
    let expected =
      event.kind == .repaired
      ? account.sum : account.told.moved(by: movement, kind: event.kind)
    account.told = movement.balance
    accounts[key] = account
    if expected != movement.balance {
      report(
        Break(
          sequence: event.sequence, pool: key, recorded: movement.balance, expected: expected))
    } else if event.kind == .repaired, breakCounts.removeValue(forKey: key) != nil {
      breaks.removeAll { $0.pool == key }
    }
  }

  private mutating func report(_ found: Break) {
    breakCounts[found.pool, default: 0] += 1
    if breaks.count < LedgerAudit.findingsMax { breaks.append(found) }
  }
}

/// Enough of a reservation to notice a lost, a resurrected or an altered one.
struct ReservationMark: Equatable {
  private let version: UInt64
  private let fingerprint: Int
  /// Since when it holds nothing.
  let closedAt: Instant?

  init(_ reservation: Reservation) {
    version = reservation.version
    closedAt = reservation.closedAt
    // Good within one run of the program, which is as long as a mark lives.
    var hasher = Hasher()
    hasher.combine(reservation.state)
    hasher.combine(reservation.expiresAt)
    for line in reservation.lines {
      for units in [line.held, line.consumed, line.released, line.expired, line.cancelled] {
        hasher.combine(units)
      }
    }
    fingerprint = hasher.finalize()
  }
}

extension Reservation {
  /// Calls `body` with the units that each line holds and has consumed of each pool.
  func countUnits(_ body: (_ pool: PoolKey, _ held: Int64, _ consumed: Int64) -> Void) {
    for line in lines where line.held != 0 || line.consumed != 0 {
      // A damaged record must be reported, not end the program that looks at it.
      for draw in line.draws {
        body(draw.pool, line.held &* draw.units, line.consumed &* draw.units)
      }
    }
  }
}
