/// Brings counters and log into agreement by entries at the end of the log; what is there already stays as it is.
///
/// The log is the ledger, reservations are the evidence for it: a reservation that is behind the log is put back to what
/// its last event says, one that is ahead of it is written down again. What a pool holds is then what its reservations
/// hold. What is consumed of it stays where counter and log agree, and follows the reservations where they do not.
///
/// After an audit that was finished it is shown, in this order: each wrong reservation, all reservations as they are
/// stored, all pools; then it is finished.
package struct LedgerRepair {
  /// One thing that is put right.
  package enum Entry: Equatable, Sendable {
    /// Events that are missing; from now on that is known.
    case gap(LogGap)
    /// A stored reservation that the log does not have like this; it is logged again.
    case logged(reservation: UInt64)
    /// A reservation that is stored anew, from its last event.
    case restored(reservation: UInt64)
    /// A reservation that is written as it is, for the store to list it right.
    case listed(reservation: UInt64)
    /// A pool whose counter, log or holds differed.
    case pool(PoolKey, stored: Pool, logged: Pool, balance: Pool)
    /// The lane's next sequence.
    case lane(nextSequence: UInt64)
  }

  package private(set) var entries: [Entry] = []
  private let audit: LedgerAudit
  private let at: Instant
  private let actor: String
  private let isLogWhole: Bool
  private let isWritten: Bool
  private var changes: ChangeSet
  private var restored: [UInt64: Reservation] = [:]
  private var units: [PoolKey: (held: Int64, consumed: Int64)] = [:]
  private var seenPools: Set<PoolKey> = []

  /// - Parameters:
  ///   - audit: of the same state of the store, finished.
  ///   - actor: who repairs.
  package init(_ audit: LedgerAudit, _ counters: StoreCounters, at now: Instant, actor: String) {
    self.audit = audit
    self.actor = actor
    at = max(now, counters.lastDecision)
    isWritten = counters.poolsWrittenTo >= max(counters.nextSequence - 1, audit.log.lastSequence)
    changes = ChangeSet(counters: counters)
    changes.counters.lastDecision = at
    let last = audit.log.lastSequence
    if counters.nextSequence <= last {
      changes.counters.nextSequence = last + 1
      entries.append(.lane(nextSequence: last + 1))
    }
    var gaps = audit.log.gaps.sorted { $0.after < $1.after }
    // Events are missing at the end: the first entry is the next that there is.
    if counters.nextSequence > last + 1 {
      gaps.append(LogGap(after: last, before: counters.nextSequence))
    }
    isLogWhole = gaps.isEmpty
    for gap in gaps {
      append(.gap(gap), [], reason: "events are missing")
      entries.append(.gap(gap))
    }
  }

  /// Puts right a reservation that the audit found wrong.
  ///
  /// - Parameters:
  ///   - stored: as it is stored; nil: it is not.
  ///   - logged: as its last event left it; nil: the log has none.
  package mutating func correct(stored: Reservation?, logged: Reservation?) {
    if let logged, logged.version >= stored?.version ?? 0 {
      restored[logged.number] = logged
      changes.reservations.append(logged)
      entries.append(.restored(reservation: logged.number))
      if stored == nil { count(logged) }
      // A number that was given out is never given out again.
      changes.counters.nextReservation = max(changes.counters.nextReservation, logged.number + 1)
    } else if let stored {
      append(.reservation(stored), [], reason: "its last change was not in the log")
      entries.append(.logged(reservation: stored.number))
    }
  }

  /// Has a stored reservation listed right, and counts what it holds and has consumed.
  package mutating func settle(_ stored: Reservation) {
    if audit.wrongLists.contains(stored.number), restored[stored.number] == nil {
      changes.reservations.append(stored)
      entries.append(.listed(reservation: stored.number))
    }
    count(stored)
  }

  private mutating func count(_ stored: Reservation) {
    (restored[stored.number] ?? stored).countUnits { key, held, consumed in
      let counted = units[key] ?? (0, 0)
      units[key] = (counted.held &+ held, counted.consumed &+ consumed)
    }
  }

  /// Puts right a stored pool, where that is necessary.
  package mutating func settle(_ stored: Pool, for key: PoolKey) {
    seenPools.insert(key)
    let logged = audit.log.sum(of: key)
    let counted = units[key] ?? (0, 0)
    guard stored != logged || stored.held != counted.held || audit.log.isBroken(key) else { return }
    let consumed =
      stored.consumed == logged.consumed
      ? stored.consumed
      : key.latch == nil ? counted.consumed : latch(stored, logged).consumed
    let balance = Pool(
      held: counted.held, consumed: consumed,
      revision: max(stored.revision, logged.revision) + 1)
    let movement = Movement(
      pool: key, held: balance.held &- logged.held, consumed: balance.consumed &- logged.consumed,
      balance: balance)
    append(.pool(resourceID: key.resourceID), [movement], reason: "counter and log differed")
    changes.pools[key] = balance
    entries.append(.pool(key, stored: stored, logged: logged, balance: balance))
  }

  // No reservation is evidence for a latch: the log decides, unless something is missing in it.
  private func latch(_ stored: Pool, _ logged: Pool) -> Pool {
    isLogWhole ? logged : stored
  }

  /// What is to be written, in one batch; nothing where ``entries`` is empty.
  package mutating func finish() -> ChangeSet {
    for key in Set(audit.log.pools).union(units.keys).sorted() where !seenPools.contains(key) {
      settle(.untouched, for: key)
    }
    changes.reservations.sort { $0.number < $1.number }
    // What it moves it writes: where nothing was behind, nothing is.
    if isWritten { changes.counters.poolsWrittenTo = changes.counters.nextSequence - 1 }
    return changes
  }

  private mutating func append(_ subject: Event.Subject, _ movements: [Movement], reason: String) {
    changes.events.append(
      Event(
        sequence: changes.counters.nextSequence, kind: .repaired, at: at, subject: subject,
        movements: movements, actor: actor, reason: reason))
    changes.counters.nextSequence += 1
  }
}
