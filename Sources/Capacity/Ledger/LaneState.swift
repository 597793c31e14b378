/// The counters of one lane: what the next reservation and the next event are numbered, the last instant at which the lane
/// decided something, and the end of its chain of the audit log.
package struct LaneState: Hashable, Sendable {
  package var nextReservation: UInt64
  package var nextSequence: UInt64
  /// The decision clock never goes back behind it.
  package var lastDecision: Instant
  package var audit: AuditHead

  package init(
    nextReservation: UInt64 = 1, nextSequence: UInt64 = 1,
    lastDecision: Instant = Instant(microseconds: 0), audit: AuditHead = AuditHead()
  ) {
    self.audit = audit
    self.nextReservation = nextReservation
    self.nextSequence = nextSequence
    self.lastDecision = lastDecision
  }
}
