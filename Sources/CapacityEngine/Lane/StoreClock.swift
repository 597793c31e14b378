import Capacity
import Synchronization

/// The clock that decisions are made by, as near as this process knows it: where several nodes write to one store it is the
/// store's, of which each batch brings news; else it is our own. It never stands before the latest decision, for that is true
/// also when the clock behind it was set back.
final class StoreClock: Sendable {
  private let own: @Sendable () -> Instant
  // By how many microseconds the store's is ahead.
  private let lead = Atomic<Int64>(0)
  // The latest decision.
  private let latest = Atomic<Int64>(.min)
  /// Who answers without the lane.
  let readers: ReadMoments

  /// - Parameter isShared: others write to the store, too.
  init(_ own: @escaping @Sendable () -> Instant, isShared: Bool = false) {
    self.own = own
    readers = ReadMoments(isShared: isShared)
  }

  /// See ``ReadMoments/moment(now:own:)``.
  func moment() -> ReadMoment? {
    let own = own()
    return readers.moment(now: now(own: own), own: own)
  }

  func now() -> Instant { now(own: own()) }

  private func now(own: Instant) -> Instant {
    let clock = own + Interval(microseconds: lead.load(ordering: .relaxed))
    return max(clock, Instant(microseconds: latest.load(ordering: .relaxed)))
  }

  /// By our own clock, when this one says `instant`; now, where it does already.
  func own(at instant: Instant) -> Instant {
    if instant.microseconds <= latest.load(ordering: .relaxed) { return own() }
    return instant - Interval(microseconds: lead.load(ordering: .relaxed))
  }

  /// The store's clock says `instant` now.
  func set(_ instant: Instant) {
    lead.store(instant.microseconds - own().microseconds, ordering: .relaxed)
  }

  /// Something was decided at `instant`.
  func note(decision instant: Instant) {
    latest.max(instant.microseconds, ordering: .relaxed)
  }
}
