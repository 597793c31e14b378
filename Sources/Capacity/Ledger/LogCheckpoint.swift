/// A place in the log that counting can begin from. Events up to it may be gone.
package struct LogCheckpoint: Equatable, Sendable {
  /// The last event that is counted in it.
  package var sequence: UInt64
  /// The highest number of the reservations that its events told of.
  package var lastReservation: UInt64

  package init(sequence: UInt64 = 0, lastReservation: UInt64 = 0) {
    self.sequence = sequence
    self.lastReservation = lastReservation
  }
}
