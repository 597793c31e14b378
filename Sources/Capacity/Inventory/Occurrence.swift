/// One day or slot that a schedule makes, or a stock at the moment of a decision.
package struct Occurrence: Hashable, Sendable {
  /// The pool's number within its resource, see ``PoolKey/ordinal``.
  package var ordinal: Int64
  /// The local date that seasons, closures and overrides are looked up by.
  package var date: CivilDate
  /// UTC seconds; of a stock the ends of time.
  package var startSecond: Int64
  package var endSecond: Int64
  /// What the base schedule gives it.
  package var baseLimit: Limit

  /// Whether no schedule makes it any more: it is there for what was booked of it, and carries nothing.
  package var isWithdrawn: Bool { startSecond == endSecond }
}
