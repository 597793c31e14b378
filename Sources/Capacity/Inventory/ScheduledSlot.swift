/// One day or slot with everything that its resource's calendar says about it, worked out. Only the instant and the
/// counters are missing for an answer, so a year of them can be kept and asked again and again.
///
/// It has no reference in it: copying one costs nothing but its bytes.
package struct ScheduledSlot: Hashable, Sendable {
  package let occurrence: Occurrence
  /// What its pool carries, overbooking apart.
  package let limit: Limit
  /// Whether a closure covers it.
  package let isClosed: Bool
  // When its rules set in or lift. A rule that is not there has set in never, or lifted long ago.
  let onSaleFrom: Instant
  let horizonStart: Instant
  let onSaleUntil: Instant
  let leadBoundary: Instant
  let cutoffAt: Instant
  let pastFrom: Instant

  /// When it is shut by the cutoff; nil without one.
  package var cutoff: Instant? { cutoffAt == .distantFuture ? nil : cutoffAt }

  /// Whether no rule of the calendar blocks it at `now`; pauses apart.
  func isOpen(at now: Instant) -> Bool {
    !isClosed && !occurrence.isWithdrawn && now >= onSaleFrom && now >= horizonStart
      && now < onSaleUntil
      && now < leadBoundary && now < cutoffAt && now < pastFrom
  }

  /// How many of its boundaries lie at `now` or before it.
  func boundariesPassed(at now: Instant) -> UInt64 {
    var count: UInt64 = 0
    if onSaleFrom <= now { count += 1 }
    if horizonStart <= now { count += 1 }
    if onSaleUntil <= now { count += 1 }
    if leadBoundary <= now { count += 1 }
    if cutoffAt <= now { count += 1 }
    if pastFrom <= now { count += 1 }
    return count
  }

  /// The first of its boundaries behind `now`; `distantFuture`: none.
  func nextBoundary(after now: Instant) -> Instant {
    var next = Instant.distantFuture
    for boundary in [onSaleFrom, horizonStart, onSaleUntil, leadBoundary, cutoffAt, pastFrom]
    where boundary > now && boundary < next {
      next = boundary
    }
    return next
  }
}
