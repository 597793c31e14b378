/// Which pools' rows are written, and when: the log has their balances already, so most rows may wait.
///
/// While few are unwritten they are all written at once, so that a small shop's rows are never behind. Where many are, a sweep
/// goes through them in the order of their keys, some with each batch: neighbours share pages, and a pool that is hit again and
/// again is written once a round. The one thing to know: `LaneMark.poolsWrittenTo` is a promise. What began as a sweep at some
/// event may be promised up to that event when it ends, for what was unwritten then lies before its end.
package struct PoolSweep: Sendable {
  /// Tests and simulations set smaller ones, so that few pools reach them.
  package struct Limits: Sendable {
    /// While no more are unwritten, all of them are written with each batch.
    package var atOnceMax: Int
    /// So many rows a batch writes at least.
    package var rowsMin: Int
    /// One more row for each so many events.
    package var eventsPerRow: Int
    /// So many a batch looks at, at most.
    package var keysMax: Int
    /// So many events behind, rows of a lane are written although nothing happens in it.
    package var eventsMax: UInt64

    package init(
      atOnceMax: Int = 8, rowsMin: Int = 8, eventsPerRow: Int = 8, keysMax: Int = 1_000,
      eventsMax: UInt64 = 100_000
    ) {
      precondition(rowsMin > 0 && eventsPerRow > 0 && keysMax > 0, "a sweep must go on")
      (self.atOnceMax, self.rowsMin) = (atOnceMax, rowsMin)
      (self.eventsPerRow, self.keysMax) = (eventsPerRow, keysMax)
      self.eventsMax = eventsMax
    }
  }

  /// How far a sweep has come.
  struct Position: Equatable {
    /// The last event when it began.
    var start: UInt64
    /// The last pool that it took; nil: none yet.
    var key: PoolKey?
  }

  /// What one batch changed here, to be undone with it.
  struct Step {
    let lane: Int
    let positionBefore: Position?
    let writtenToBefore: UInt64
    /// Pools that the batch moved, the event of each until then, and whether it was not unwritten yet.
    var marked: [(key: PoolKey, changedAt: UInt64, isNew: Bool)] = []
    /// Pools that were taken out, and the event that their rows may have lacked.
    var taken: [(key: PoolKey, changedAt: UInt64)] = []
  }

  package var limits: Limits
  /// All pools whose rows may lack something behind `LaneMark.poolsWrittenTo`, and some that no longer do.
  var unwritten = SortedPools()
  /// Of the sweep under way; nil: none is.
  var position: Position?

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Whether all that is unwritten is little enough to be written at once.
  var isLittle: Bool { unwritten.count <= limits.atOnceMax }

  /// How many rows a batch with so many events writes of those that wait.
  func rows(events: Int) -> Int { max(limits.rowsMin, events / limits.eventsPerRow) }

  /// Takes out everything.
  mutating func takeAll() -> [PoolKey] {
    position = nil
    return unwritten.take(.max, behind: nil)
  }

  /// Takes out what comes next, at most `limit`; nothing: the sweep is at its end.
  mutating func takeNext(_ limit: Int) -> [PoolKey] {
    let taken = unwritten.take(limit, behind: position?.key)
    if let last = taken.last { position?.key = last }
    return taken
  }

  /// Begins a sweep, where none is under way.
  ///
  /// - Parameter last: the last event; what it changed is marked already.
  mutating func begin(at last: UInt64) {
    if position == nil { position = Position(start: last) }
  }

  /// Ends the sweep, where it is at its end.
  /// - Returns: the event up to which everything is written now.
  mutating func end() -> UInt64? {
    guard let position, !unwritten.hasMore(behind: position.key) else { return nil }
    self.position = nil
    return position.start
  }

  /// Everything is written, whoever did it.
  mutating func forget() {
    unwritten.removeAll()
    position = nil
  }
}
