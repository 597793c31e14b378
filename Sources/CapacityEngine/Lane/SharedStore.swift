import Capacity
import Synchronization

/// What a lane knows of a store that other nodes write to: how old its memory is, and what it was told of.
struct SharedStore {
  /// So old memory may be when somebody reads from it.
  static let readableFor = Interval(microseconds: 50_000)
  /// So often the lane looks by itself; news are told sooner.
  static let lookEvery = Interval(microseconds: 500_000)
  /// So long after the store was last asked its clock is taken to go like ours.
  static let clockTrustedFor = Interval(microseconds: 1_000_000)
  /// So often a batch that others came before runs again.
  static let triesMax = 5

  /// The last event that others have told of.
  final class Told: Sendable {
    private let position = Atomic<UInt64>(0)

    var last: UInt64 { position.load(ordering: .acquiring) }

    func note(_ position: UInt64) {
      self.position.max(position, ordering: .releasing)
    }
  }

  let told = Told()
  /// Before it takes idempotency keys to be new, which nearly all are, and does not look them up.
  var aboutKeys = Caution()
  /// Before it takes it that nobody else writes in a lane, and decides on what memory knows.
  var aboutOthers: [Caution]
  /// The lanes in which this node wrote last.
  var ours = LaneSet()
  /// Something of what others wrote is not in memory: it must be read anew.
  var isOutOfStep = false
  /// When the store was last asked for its clock, by our own.
  var clockReadAt = Instant.distantPast
  /// When memory was last in step, by our own clock.
  var lookedAt = Instant(microseconds: 0)
  /// The last event that memory has in it; nil: not known, for memory was just read.
  var lastEvent: Event?
  /// Of the present batch: once readers have their answer a second try owes them none.
  var areReadsAnswered = false

  init(lanes: Int) {
    aboutOthers = Array(repeating: Caution(), count: lanes)
  }

  /// Memory was read anew, from a store with so many lanes.
  mutating func begin(lanes: Int) {
    lastEvent = nil
    isOutOfStep = false
    guard lanes != aboutOthers.count else { return }
    aboutOthers = Array(repeating: Caution(), count: lanes)
    ours = LaneSet()
  }

  /// Whether nobody else is expected in `lanes`.
  func isAlone(in lanes: LaneSet) -> Bool {
    lanes.allSatisfy { aboutOthers[$0].isOver }
  }

  /// Others have written in `lanes`.
  mutating func met(in lanes: LaneSet) {
    for lane in lanes { aboutOthers[lane].wasWrong() }
  }

  /// The store was asked about a lane, and nobody else had written in it.
  mutating func metNobody(in lane: Int) {
    aboutOthers[lane].wasRight()
  }

  /// Whether the store has gone back behind what memory has in it, as a failover does that loses commits.
  ///
  /// - Parameter memory: the counters as memory has them.
  mutating func findsLoss(_ news: StorageNews, _ memory: StoreCounters) -> Bool {
    guard news.counters.nextSequence >= memory.nextSequence else { return true }
    guard let stored = news.known else { return false }
    guard let known = lastEvent else {
      lastEvent = stored
      return false
    }
    guard known.sequence == stored.sequence, !known.isSame(as: stored) else { return false }
    // Another node may have seen to it already.
    return !news.events.contains { $0.isGap }
  }

  /// Whether a batch of `lanes` may be decided on what memory knows. The store's clock is read now and then.
  func mayDecideAhead(in lanes: LaneSet, at now: Instant) -> Bool {
    isAlone(in: lanes) && !isOutOfStep && aboutKeys.isOver
      && now < clockReadAt + Self.clockTrustedFor && now >= clockReadAt
  }

  /// When the lane looks by itself.
  var nextLook: Instant { lookedAt + Self.lookEvery }

  /// Whether memory is too old to be read from at `now`; a clock that was set back makes it so, too.
  func isStale(at now: Instant) -> Bool {
    now > lookedAt + Self.readableFor || now < lookedAt
  }
}

extension Event {
  // Two histories that agree in all of this are one.
  fileprivate func isSame(as other: Event) -> Bool {
    guard at == other.at, kind == other.kind, movements == other.movements else { return false }
    guard case .reservation(let mine) = subject, case .reservation(let theirs) = other.subject
    else { return true }
    return mine.number == theirs.number && mine.key == theirs.key
  }

  fileprivate var isGap: Bool {
    if case .gap = subject { true } else { false }
  }
}
