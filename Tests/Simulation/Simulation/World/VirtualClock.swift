import Capacity
import Synchronization

/// A node's wall clock: it shows what the world sets.
final class VirtualClock: Sendable {
  private let microseconds = Atomic<Int64>(0)

  var now: Instant {
    get { Instant(microseconds: microseconds.load(ordering: .relaxed)) }
    set { microseconds.store(newValue.microseconds, ordering: .relaxed) }
  }
}
