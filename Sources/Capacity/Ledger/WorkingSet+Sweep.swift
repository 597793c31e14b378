/// Which pools are written with a batch; see ``PoolSweep``. Each lane has a sweep of its own: a batch writes rows of its lanes alone.
extension WorkingSet {
  /// When pools are written.
  package var sweepLimits: PoolSweep.Limits {
    get { lanes[0].sweep.limits }
    set { for number in lanes.indices { lanes[number].sweep.limits = newValue } }
  }

  /// How many pools' rows may be behind memory.
  package var unwrittenPoolsCount: Int { lanes.reduce(0) { $0 + $1.sweep.unwritten.count } }

  /// Lanes in which little happens, so that nobody writes their rows, while what is in the log for them becomes older and older.
  ///
  /// - Parameter events: how old it is at least.
  package func lanesBehind(by events: UInt64) -> LaneSet {
    guard lanes.count > 1 else { return LaneSet() }
    return allLanes.reduce(LaneSet()) { found, number in
      let mark = counters.marks[number]
      let isLate = counters.nextSequence > mark.poolsWrittenTo + events
      return mark.isWritten || !isLate ? found : found.union(LaneSet(number))
    }
  }

  /// Takes a pool from the store; `isWritten` says whether its row is as it is here.
  package mutating func load(_ pool: Pool, for key: PoolKey, isWritten: Bool) {
    load(pool, for: key)
    if !isWritten { markUnwritten(key, at: counters.marks[lane(of: key)].lastSequence) }
  }

  /// Notes that event `sequence` of another node changed a pool. Whether its row was written, only that node knows.
  mutating func markUnwritten(_ key: PoolKey, at sequence: UInt64) {
    let number = lane(of: key)
    // What changed behind the promise is there already.
    if pools[key]?.changedAt ?? 0 <= counters.marks[number].poolsWrittenTo {
      lanes[number].sweep.unwritten.insert(key)
    }
    pools[key]?.changedAt = sequence
  }

  /// Chooses the pools that the open batch writes, and says in its lanes what is written then. May be called again before
  /// `commit` or `rollBack`, with more in the batch.
  mutating func choosePools() -> [PoolKey: Pool] {
    undo(journal.sweeps)
    journal.sweeps.removeAll(keepingCapacity: true)
    rememberCounters()
    var chosen: [PoolKey: Pool] = [:]
    guard lanes.count > 1 else {
      choosePools(of: 0, changed: journal.pools.indices, &chosen)
      return chosen
    }
    var changed = Array(repeating: [Int](), count: lanes.count)
    for (index, entry) in journal.pools.enumerated() { changed[lane(of: entry.key)].append(index) }
    for number in journal.lanes { choosePools(of: number, changed: changed[number], &chosen) }
    return chosen
  }

  // - Parameter changed: what the batch changed in the lane, as indices in the journal.
  private mutating func choosePools(
    of number: Int, changed: some Collection<Int>, _ chosen: inout [PoolKey: Pool]
  ) {
    journal.sweeps.append(
      PoolSweep.Step(
        lane: number, positionBefore: lanes[number].sweep.position,
        writtenToBefore: counters.marks[number].poolsWrittenTo))
    let last = counters.marks[number].lastSequence
    let isMuch = changed.count > lanes[number].sweep.limits.atOnceMax
    guard isMuch || !lanes[number].sweep.unwritten.isEmpty else {
      promise(last, number)
      chosen.reserveCapacity(chosen.count + changed.count)
      for index in changed {
        let key = journal.pools[index].key
        chosen[key] = pool(key)
      }
      return
    }
    markChanged(changed, number, at: last, &chosen)
    if lanes[number].sweep.isLittle {
      write(lanes[number].sweep.takeAll(), number, &chosen)
    } else {
      sweepOn(number, last, &chosen)
    }
    if lanes[number].sweep.unwritten.isEmpty {
      lanes[number].sweep.position = nil
      promise(last, number)
    }
  }

  private mutating func promise(_ sequence: UInt64, _ number: Int) {
    let writtenTo = counters.marks[number].poolsWrittenTo
    counters.marks[number].poolsWrittenTo = max(writtenTo, sequence)
  }

  /// Takes back what a batch did here.
  mutating func undo(_ steps: [PoolSweep.Step]) {
    for step in steps.reversed() {
      for (key, changedAt) in step.taken {
        lanes[step.lane].sweep.unwritten.insert(key)
        pools[key]?.changedAt = changedAt
      }
      for (key, changedAt, isNew) in step.marked {
        pools[key]?.changedAt = changedAt
        if isNew { lanes[step.lane].sweep.unwritten.remove(key) }
      }
      lanes[step.lane].sweep.position = step.positionBefore
      counters.marks[step.lane].poolsWrittenTo = step.writtenToBefore
    }
  }

  // Those that the store has never had are written at once.
  private mutating func markChanged(
    _ changed: some Collection<Int>, _ number: Int, at last: UInt64,
    _ chosen: inout [PoolKey: Pool]
  ) {
    let step = journal.sweeps.count - 1
    let writtenTo = counters.marks[number].poolsWrittenTo
    for index in changed {
      let key = journal.pools[index].key
      guard journal.pools[index].before != nil, let changedAt = note(key, changedAt: last) else {
        chosen[key] = pool(key)
        continue
      }
      // Behind the promise it is known to be there.
      let isNew = changedAt <= writtenTo && lanes[number].sweep.unwritten.insert(key)
      journal.sweeps[step].marked.append((key, changedAt, isNew))
    }
  }

  private mutating func sweepOn(
    _ number: Int, _ last: UInt64, _ chosen: inout [PoolKey: Pool]
  ) {
    lanes[number].sweep.begin(at: last)
    var rowsLeft = lanes[number].sweep.rows(events: journal.events.count)
    var keysLeft = lanes[number].sweep.limits.keysMax
    while rowsLeft > 0, keysLeft > 0 {
      let keys = lanes[number].sweep.takeNext(min(rowsLeft, keysLeft))
      guard !keys.isEmpty else { break }
      keysLeft -= keys.count
      rowsLeft -= write(keys, number, &chosen)
    }
    if let start = lanes[number].sweep.end() { promise(start, number) }
  }

  // Answers how many rows that makes: what another node's sweep has written meanwhile needs none.
  @discardableResult
  private mutating func write(
    _ keys: [PoolKey], _ number: Int, _ chosen: inout [PoolKey: Pool]
  ) -> Int {
    let step = journal.sweeps.count - 1
    let writtenTo = counters.marks[number].poolsWrittenTo
    var count = 0
    for key in keys {
      guard let changedAt = note(key, changedAt: 0) else { continue }
      journal.sweeps[step].taken.append((key, changedAt))
      guard changedAt > writtenTo else { continue }
      chosen[key] = pool(key)
      count += 1
    }
    return count
  }

  // In its place: a record that is changed through an optional is taken out and put back, which is a copy.
  //
  // Answers what it said before; nil: there is no such pool.
  private mutating func note(_ key: PoolKey, changedAt sequence: UInt64) -> UInt64? {
    guard let place = pools.index(forKey: key) else { return nil }
    defer { pools.values[place].changedAt = sequence }
    return pools.values[place].changedAt
  }
}
