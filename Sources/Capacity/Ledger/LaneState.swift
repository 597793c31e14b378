/// The counters of one lane: what the next reservation and the next event are numbered, and the last instant at which
/// the lane decided something.
package struct LaneState: Hashable, Sendable {
  package var nextReservation: UInt64
  package var nextSequence: UInt64
  /// The decision clock never goes back behind it.
  package var lastDecision: Instant

  package init(
    nextReservation: UInt64 = 1, nextSequence: UInt64 = 1,
    lastDecision: Instant = Instant(microseconds: 0)
  ) {
    self.nextReservation = nextReservation
    self.nextSequence = nextSequence
    self.lastDecision = lastDecision
  }
}
