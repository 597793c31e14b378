import Capacity
import CapacityAPI
import CapacityEngine

/// One server: its engine while it is up, and what the world knows of it.
final class Node {
  let index: Int
  let clock = VirtualClock()
  let diary = Diary()
  /// How far its clock is off.
  var skew: Int64 = 0
  var engine: SteppedEngine?
  var storage: SimulatedStorage?
  /// What its watchers are served from, once somebody watches.
  var watch: SteppedWatch?
  /// The write that is under way, where it decides ahead.
  var committer: StepCommitter?
  /// What waits in its mailbox, in order.
  var waiting: [Letter] = []
  var urgentCount = 0
  /// The zone of each resource as its memory has it.
  var zones: Truth.Zones = [:]
  /// Its memory has the log up to here.
  var followed: UInt64 = 0
  var followedBefore: UInt64 = 0
  /// The decision clock, which must never go back while the node lives.
  var decision = Instant.distantPast
  /// The last thing that a reader was told.
  var lastAsOf = Instant.distantPast
  var lastPosition: UInt64 = 0
  /// Something was written that it was told was not.
  var isBehind = false
  /// Its store fails, as far as it knows.
  var isStorageDown = false
  /// Until when it may rest after a failure.
  var restsUntil = Instant.distantPast
  /// What the present turn is about.
  var unit: Unit?
  /// What it wrote in this turn, and how much more of that there is to read of.
  var rows: [ChangeSet] = []
  var writesLeft = 0

  /// What its lane has taken and nobody was told of yet, in order.
  var taken: [Letter] = []
  /// What it has decided ahead and not sent.
  var decided: [SentBatch.Portion] = []
  /// The lanes that it has begun in.
  var lanes = LaneSet()
  /// Its latest decision when it last began; nil: this turn has begun nothing.
  var decidedBefore: Instant?
  /// Instants that it may have decided at without a word to anybody.
  var maybeDecidedAt: [Instant] = []
  /// The latest decision of others that it knows of from its own commits.
  var followedDecision = Instant.distantPast
  /// No clock was set since it asked the store for its.
  var isClockKnown = false

  init(_ index: Int) {
    self.index = index
  }

  var isUp: Bool { engine != nil }

  /// Its store has failed.
  func fail() {
    isStorageDown = true
    restsUntil = clock.now + Interval(microseconds: 200_000)
  }

  func forget() {
    storage?.close()
    (engine, storage, unit, watch, committer) = (nil, nil, nil, nil, nil)
    waiting.removeAll()
    taken.removeAll()
    decided.removeAll()
    maybeDecidedAt.removeAll()
    isClockKnown = false
    urgentCount = 0
    _ = diary.take()
    (isStorageDown, isBehind) = (false, false)
    (restsUntil, decision, lastAsOf) = (.distantPast, .distantPast, .distantPast)
    followedDecision = .distantPast
    lastPosition = 0
  }
}

/// What a node decides together, as the world reads of it in the diary.
struct Unit {
  /// What was written, as it stands in the log; nil: nothing yet.
  var written: ChangeSet?
  /// It was written, and the node was told that it was not.
  var isTorn = false
  /// Who was told that it failed.
  var refused: [Letter] = []
  /// Where that is.
  var place: LogPlace?

  var isAcknowledged: Bool { written != nil && !isTorn }
}
