import Capacity
import Synchronization

/// The clock that decisions are made by, as near as this process knows it: where several nodes write to one store it is the
/// store's, of which each batch brings news; else it is our own.
final class StoreClock: Sendable {
  private let own: @Sendable () -> Instant
  // By how many microseconds the store's is ahead.
  private let lead = Atomic<Int64>(0)

  init(_ own: @escaping @Sendable () -> Instant) {
    self.own = own
  }

  func now() -> Instant {
    own() + Interval(microseconds: lead.load(ordering: .relaxed))
  }

  /// By our own clock, when the store's says `instant`.
  func own(at instant: Instant) -> Instant {
    instant - Interval(microseconds: lead.load(ordering: .relaxed))
  }

  /// The store's clock says `instant` now.
  func set(_ instant: Instant) {
    lead.store(instant.microseconds - own().microseconds, ordering: .relaxed)
  }
}
