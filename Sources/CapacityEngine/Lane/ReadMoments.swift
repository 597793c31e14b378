package import Capacity
import Synchronization

/// When an answer is true that nothing has changed since it was read; by the clock that decides.
package struct ReadMoment: Sendable {
  /// The instant that it may be told to be true for: everything that was decided before is published, and nothing that is not
  /// published yet was decided earlier.
  package var asOf: Instant
  /// Now. Whatever time alone changes up to here has to be in the answer.
  package var now: Instant

  package init(asOf: Instant, now: Instant) {
    self.asOf = asOf
    // A reader beside this one may have been later.
    self.now = max(asOf, now)
  }
}

/// What the lane and those who answer without it agree on about time.
///
/// On a store of one's own memory is always the store, so an answer is true for now, or, while a batch is on its way, for the instant at
/// which that is decided. Whoever says "now" notes it first and looks for a batch afterwards; the lane says that it begins first and looks
/// at what was told afterwards: so no batch is decided earlier than what was told without it. On a store that others write to an answer is
/// true for the instant at which memory was last in step, as long as that is not too old.
final class ReadMoments: Sendable {
  private static let idle = Int64.min
  private static let beginning = Int64.max

  private let isShared: Bool
  // When the batch that is on its way is decided.
  private let deciding = Atomic<Int64>(idle)
  // The latest instant that was told.
  private let lastTold = Atomic<Int64>(.min)
  // Of a shared store: when memory was last in step by our own clock, and the instant that this was by the store's.
  private let lookedAt = Atomic<Int64>(.min)
  private let inStepAt = Atomic<Int64>(.min)

  init(isShared: Bool) {
    self.isShared = isShared
  }

  // MARK: The lane's side

  /// No decision is earlier than this.
  var told: Instant { Instant(microseconds: lastTold.load(ordering: .sequentiallyConsistent)) }

  /// A batch is about to be decided. Comes before its clock is read.
  func begin() {
    _ = deciding.exchange(Self.beginning, ordering: .sequentiallyConsistent)
  }

  func decide(at now: Instant) {
    deciding.store(now.microseconds, ordering: .sequentiallyConsistent)
  }

  /// What the batch changed is published, or undone.
  func end() {
    deciding.store(Self.idle, ordering: .sequentiallyConsistent)
  }

  /// Memory was in step with a shared store when our own clock said `own`.
  func noteLook(at own: Instant) {
    lookedAt.store(own.microseconds, ordering: .releasing)
  }

  /// What was read at `instant` was in step then.
  func noteReading(at instant: Instant) {
    inStepAt.max(instant.microseconds, ordering: .releasing)
  }

  // MARK: The readers' side

  /// The moment of an answer that nothing has changed since it was read; whether that is so has to be asked after this. nil: only the
  /// lane can say.
  ///
  /// - Parameters:
  ///   - now: by the clock that decides.
  ///   - own: by our own clock; the two differ on a shared store only.
  func moment(now: Instant, own: Instant) -> ReadMoment? {
    isShared ? sharedMoment(now, own) : ownMoment(now)
  }

  private func ownMoment(_ now: Instant) -> ReadMoment? {
    let now = max(now, Instant(microseconds: lastTold.load(ordering: .relaxed)))
    if let moment = decided(now) { return moment }
    let told = lastTold.max(now.microseconds, ordering: .sequentiallyConsistent).newValue
    switch deciding.load(ordering: .sequentiallyConsistent) {
    case Self.idle: return ReadMoment(asOf: Instant(microseconds: told), now: now)
    case Self.beginning: return nil
    case let decided: return ReadMoment(asOf: Instant(microseconds: decided), now: now)
    }
  }

  private func decided(_ now: Instant) -> ReadMoment? {
    let decided = deciding.load(ordering: .acquiring)
    guard decided != Self.idle, decided != Self.beginning else { return nil }
    return ReadMoment(asOf: Instant(microseconds: decided), now: now)
  }

  private func sharedMoment(_ now: Instant, _ own: Instant) -> ReadMoment? {
    let looked = Instant(microseconds: lookedAt.load(ordering: .acquiring))
    guard looked <= own, own <= looked + SharedStore.readableFor else { return nil }
    return ReadMoment(
      asOf: Instant(microseconds: inStepAt.load(ordering: .acquiring)), now: now)
  }
}
