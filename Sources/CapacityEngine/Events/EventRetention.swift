package import Capacity

/// How much of the log is kept, and how long reservations that are closed. What is older goes into a checkpoint of balances, from which counting begins then.
package struct EventRetention: Equatable, Sendable {
  /// Events that took effect longer ago go; nil: age does not matter.
  package var maxAge: Interval?
  /// While the bodies of all events have more bytes, the oldest go; nil: size does not matter.
  package var maxBytes: Int?
  /// Reservations that were closed longer ago go, with their keys; nil: all stay.
  package var closedMaxAge: Interval?
  /// How often is looked, in seconds.
  package var everySeconds: Double
  /// Events that one step takes at most: while it writes, the lane waits.
  package var eventsPerStep: Int

  package init(
    maxAge: Interval? = nil, maxBytes: Int? = nil, everySeconds: Double = 60,
    eventsPerStep: Int = 1000, closedMaxAge: Interval? = nil
  ) {
    self.maxAge = maxAge
    self.maxBytes = maxBytes
    self.everySeconds = everySeconds
    self.eventsPerStep = eventsPerStep
    self.closedMaxAge = closedMaxAge
  }

  /// Whether anything ever goes.
  var isOn: Bool { maxAge != nil || maxBytes != nil || closedMaxAge != nil }
}
