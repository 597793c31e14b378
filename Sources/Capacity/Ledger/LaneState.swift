/// The counters of one lane: what the next reservation and the next event are numbered, the last instant at which the lane
/// decided something, up to where pools are written, and the end of its chain of the audit log.
package struct LaneState: Hashable, Sendable {
  package var nextReservation: UInt64
  package var nextSequence: UInt64
  /// The decision clock never goes back behind it.
  package var lastDecision: Instant
  /// The rows of all pools have every event up to this sequence; what they lack is in the log behind it. Never goes back.
  package var poolsWrittenTo: UInt64
  package var audit: AuditHead

  /// - Parameter poolsWrittenTo: nil: every row is as its last event left it.
  package init(
    nextReservation: UInt64 = 1, nextSequence: UInt64 = 1,
    lastDecision: Instant = Instant(microseconds: 0), poolsWrittenTo: UInt64? = nil,
    audit: AuditHead = AuditHead()
  ) {
    self.poolsWrittenTo = poolsWrittenTo ?? max(nextSequence, 1) - 1
    self.audit = audit
    self.nextReservation = nextReservation
    self.nextSequence = nextSequence
    self.lastDecision = lastDecision
  }
}
