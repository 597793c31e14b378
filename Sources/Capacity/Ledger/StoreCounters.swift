/// The counters of a store: what the next reservation and the next event are numbered, the end of its chain of the audit log, and
/// where each of its lanes stands.
package struct StoreCounters: Hashable, Sendable {
  /// Higher than any number that was given to a reservation.
  package var nextReservation: UInt64
  package var nextSequence: UInt64
  package var audit: AuditHead
  /// One for each lane, at least one.
  package var marks: [LaneMark]

  /// Of a store with `lanes` lanes that all stand alike.
  ///
  /// - Parameter poolsWrittenTo: nil: every row is as its last event left it.
  package init(
    nextReservation: UInt64 = 1, nextSequence: UInt64 = 1,
    lastDecision: Instant = Instant(microseconds: 0), poolsWrittenTo: UInt64? = nil,
    audit: AuditHead = AuditHead(), lanes: Int = 1
  ) {
    let last = max(nextSequence, 1) - 1
    let mark = LaneMark(
      lastSequence: last, lastDecision: lastDecision, poolsWrittenTo: poolsWrittenTo ?? last)
    self.init(
      nextReservation: nextReservation, nextSequence: nextSequence, audit: audit,
      marks: Array(repeating: mark, count: lanes))
  }

  package init(
    nextReservation: UInt64, nextSequence: UInt64, audit: AuditHead, marks: [LaneMark]
  ) {
    precondition(!marks.isEmpty && marks.count <= LaneSet.countMax, "a store has 1 to 64 lanes")
    self.nextReservation = nextReservation
    self.nextSequence = nextSequence
    self.audit = audit
    self.marks = marks
  }

  /// The same of a store with `count` lanes, each of which may have all that is in the log.
  package func spread(over count: Int) -> StoreCounters {
    guard count != marks.count else { return self }
    var state = StoreCounters(
      nextReservation: nextReservation, nextSequence: nextSequence, lastDecision: lastDecision,
      audit: audit, lanes: count)
    state.poolsWrittenTo = poolsWrittenTo
    return state
  }

  package var allLanes: LaneSet { .all(marks.count) }

  /// The latest instant at which any lane decided something. Who sets it says so of all lanes.
  package var lastDecision: Instant {
    get { marks.reduce(.distantPast) { max($0, $1.lastDecision) } }
    set { for lane in marks.indices { marks[lane].lastDecision = newValue } }
  }

  /// The rows of all pools have every event up to this sequence; what they lack is in the log behind it. Who sets it says so of
  /// all lanes.
  package var poolsWrittenTo: UInt64 {
    get {
      let last = max(nextSequence, 1) - 1
      return marks.reduce(last) { $1.isWritten ? $0 : min($0, $1.poolsWrittenTo) }
    }
    set { for lane in marks.indices { marks[lane].poolsWrittenTo = newValue } }
  }
}

/// Where a lane stands.
package struct LaneMark: Hashable, Sendable {
  /// The last event that concerns it.
  package var lastSequence: UInt64
  /// The decision clock never goes back behind it.
  package var lastDecision: Instant
  /// The rows of its pools have every event up to this sequence. Never goes back.
  package var poolsWrittenTo: UInt64

  package init(lastSequence: UInt64, lastDecision: Instant, poolsWrittenTo: UInt64) {
    self.lastSequence = lastSequence
    self.lastDecision = lastDecision
    self.poolsWrittenTo = poolsWrittenTo
  }

  /// Whether the rows of its pools lack nothing.
  package var isWritten: Bool { poolsWrittenTo >= lastSequence }
}
