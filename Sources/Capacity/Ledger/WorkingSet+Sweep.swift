/// Which pools are written with a batch; see ``PoolSweep``.
extension WorkingSet {
  /// When pools are written.
  package var sweepLimits: PoolSweep.Limits {
    get { sweep.limits }
    set { sweep.limits = newValue }
  }

  /// How many pools' rows may be behind memory.
  package var unwrittenPoolsCount: Int { sweep.unwritten.count }

  /// Takes a pool from the store; `isWritten` says whether its row is as it is here.
  package mutating func load(_ pool: Pool, for key: PoolKey, isWritten: Bool) {
    load(pool, for: key)
    if !isWritten { markUnwritten(key, at: lane.nextSequence - 1) }
  }

  /// Notes that event `sequence` of another node changed a pool. Whether its row was written, only that node knows.
  mutating func markUnwritten(_ key: PoolKey, at sequence: UInt64) {
    sweep.unwritten.insert(key)
    pools[key]?.changedAt = sequence
  }

  /// Everything up to `sequence` is written, for the store says so.
  mutating func forgetWritten(to sequence: UInt64) {
    lane.poolsWrittenTo = max(lane.poolsWrittenTo, sequence)
    if lane.poolsWrittenTo + 1 >= lane.nextSequence { sweep.forget() }
  }

  /// Chooses the pools that the open batch writes, and says in the lane what is written then. May be called again before
  /// `commit` or `rollBack`, with more in the batch.
  mutating func choosePools() -> [PoolKey: Pool] {
    undo(journal.sweep)
    rememberLane()
    journal.sweep = PoolSweep.Step(
      positionBefore: sweep.position, writtenToBefore: lane.poolsWrittenTo)
    let last = lane.nextSequence - 1
    guard !sweep.unwritten.isEmpty || journal.pools.count > sweep.limits.atOnceMax else {
      lane.poolsWrittenTo = max(lane.poolsWrittenTo, last)
      return Dictionary(uniqueKeysWithValues: journal.pools.map { ($0.key, pool($0.key)) })
    }
    var chosen = markChanged(at: last)
    if sweep.isLittle {
      write(sweep.takeAll(), &chosen)
    } else {
      sweepOn(last, &chosen)
    }
    if sweep.unwritten.isEmpty {
      sweep.position = nil
      lane.poolsWrittenTo = max(lane.poolsWrittenTo, last)
    }
    return chosen
  }

  /// Takes back what a batch did here.
  mutating func undo(_ step: PoolSweep.Step?) {
    guard let step else { return }
    for (key, changedAt) in step.taken {
      sweep.unwritten.insert(key)
      pools[key]?.changedAt = changedAt
    }
    for (key, changedAt, isNew) in step.marked {
      pools[key]?.changedAt = changedAt
      if isNew { sweep.unwritten.remove(key) }
    }
    sweep.position = step.positionBefore
    lane.poolsWrittenTo = step.writtenToBefore
  }

  // Answers those that the store has never had: they are written at once.
  private mutating func markChanged(at last: UInt64) -> [PoolKey: Pool] {
    var chosen: [PoolKey: Pool] = [:]
    for (key, before) in journal.pools {
      guard before != nil, let changedAt = pools[key]?.changedAt else {
        chosen[key] = pool(key)
        continue
      }
      // Behind the promise it is known to be there.
      let isNew = changedAt <= lane.poolsWrittenTo && sweep.unwritten.insert(key)
      journal.sweep?.marked.append((key, changedAt, isNew))
      pools[key]?.changedAt = last
    }
    return chosen
  }

  private mutating func sweepOn(_ last: UInt64, _ chosen: inout [PoolKey: Pool]) {
    sweep.begin(at: last)
    var rowsLeft = sweep.rows(events: journal.events.count)
    var keysLeft = sweep.limits.keysMax
    while rowsLeft > 0, keysLeft > 0 {
      let keys = sweep.takeNext(min(rowsLeft, keysLeft))
      guard !keys.isEmpty else { break }
      keysLeft -= keys.count
      rowsLeft -= write(keys, &chosen)
    }
    guard let start = sweep.end() else { return }
    lane.poolsWrittenTo = max(lane.poolsWrittenTo, start)
  }

  // Answers how many rows that makes: what another node's sweep has written meanwhile needs none.
  @discardableResult
  private mutating func write(_ keys: [PoolKey], _ chosen: inout [PoolKey: Pool]) -> Int {
    let writtenTo = lane.poolsWrittenTo
    var count = 0
    for key in keys {
      guard let changedAt = pools[key]?.changedAt else { continue }
      journal.sweep?.taken.append((key, changedAt))
      pools[key]?.changedAt = 0
      guard changedAt > writtenTo else { continue }
      chosen[key] = pool(key)
      count += 1
    }
    return count
  }
}
