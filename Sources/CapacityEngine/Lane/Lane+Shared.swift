import Capacity
import Logging

/// Turns on a store that other nodes write to.
///
/// Memory is kept as on a store of one's own, and what others wrote is taken over from the log before anything is decided: under
/// the locks of its lanes memory is the store, as far as these go. The one thing to know: a batch whose commit was lost on the way is found in the log like
/// anybody else's, so nothing here has to be certain.
extension Lane {
  private enum Step {
    case done
    /// There is more to expire than one transaction takes.
    case again
    /// What others wrote makes two batches of it.
    case regroup
    /// What others wrote cannot be followed any more.
    case anew
    /// It takes this.
    case with(StorageAccess)
  }

  func nextSharedTurn() -> Instant {
    if isStorageDown { return sweepNotBefore }
    let expiry = nextWriting().map { max(storeClock.own(at: $0), sweepNotBefore) }
    return min(shared.nextLook, expiry ?? .distantFuture)
  }

  func turnShared(_ work: [Work]) {
    shared.areReadsAnswered = false
    guard let access = access(for: work) else { return answerReadsFromMemory(work) }
    do throws(StorageError) {
      try carryOut(work, access)
    } catch {
      report(error)
      set.rollBack()
      if !shared.areReadsAnswered { answerReadsFromMemory(work) }
      fail(work)
    }
  }

  // As memory last was in step: the answer says when that was. What had run out by then is out, written down or not.
  private func answerReadsFromMemory(_ work: [Work]) {
    let now = set.counters.lastDecision
    _ = Ledger.expire(&set, at: now, limit: .max)
    answerReads(work, now)
    set.rollBack()
  }

  // What `work` needs of the store; nil: memory will do.
  private func access(for work: [Work]) -> StorageAccess? {
    let needsRecords = work.contains { $0.isLookUp }
    let hasCommands = work.contains(where: \.isCommand)
    if isStorageDown {
      // It has to show that writing works again.
      let isTime = work.isEmpty && clock() >= sweepNotBefore
      return hasCommands || needsRecords || isTime ? writing(work) : nil
    }
    if hasCommands || !lanesDue(at: storeClock.now()).isEmpty { return writing(work) }
    if needsRecords || shared.isOutOfStep || shared.told.last > durablePosition { return .reading }
    let now = clock()
    return (work.isEmpty ? now >= shared.nextLook : shared.isStale(at: now)) ? .reading : nil
  }

  private func writing(_ work: [Work]) -> StorageAccess {
    let commands = ordered(work)
    return .writing(lanesToDecide(commands), withAudit: commands.contains { $0.note != nil })
  }

  private func carryOut(_ work: [Work], _ access: StorageAccess) throws(StorageError) {
    var (access, triesLeft) = (access, SharedStore.triesMax)
    while true {
      do throws(StorageError) {
        switch try tryOnce(work, access) {
        case .done: return
        case .again: continue
        case .regroup: return turn(work.filter { !isAnswered($0) })
        case .anew:
          logger.notice("what others wrote cannot be followed from the log; reading the store anew")
          try readAnew()
        case .with(let more): access = more
        }
      } catch {
        triesLeft -= 1
        guard error.kind == .conflict, triesLeft > 0 else { throw error }
        set.rollBack()
        // It may have been a key.
        shared.aboutKeys.wasWrong()
      }
    }
  }

  private func isAnswered(_ item: Work) -> Bool {
    switch item {
    case .command, .commands: false
    case .read where !item.isLookUp: shared.areReadsAnswered
    case .read, .lookUp, .list: areLookUpsAnswered
    }
  }

  private func tryOnce(_ work: [Work], _ access: StorageAccess) throws(StorageError) -> Step {
    guard !shared.isOutOfStep else { return .anew }
    let commands = ordered(work)
    let names = names(commands, work)
    let unit = try storage.begin(access, reading: names, after: set.counters)
    defer { unit.end() }
    guard try !hasLost(unit, access) else {
      return access == .writingAlone ? .anew : .with(.writingAlone)
    }
    guard let now = try catchUp(unit, access) else { return .anew }
    guard firstBatch(of: work[...]) == work.count else { return .regroup }
    take(unit.records, names)
    if access.isWriting, !names.keys.isEmpty { noteLookUp(found: unit.records.keys.count) }
    try loadRest(commands, work, names, unit)
    if let step = try expire(work, commands, access, unit, now) { return step }
    try answerQuestions(work, commands, now)
    try decide(commands, access, unit, now, areKeysKnown: !names.keys.isEmpty)
    return .done
  }

  // Has what time does up to `now` done.
  // - Returns: what there is to do instead of going on; nil: go on.
  private func expire(
    _ work: [Work], _ commands: [Item], _ access: StorageAccess, _ unit: any UnitOfWork,
    _ now: Instant
  ) throws(StorageError) -> Step? {
    guard case .writing(_, let withAudit) = access else {
      _ = Ledger.expire(&set, at: now, limit: .max)
      return nil
    }
    let held = lanes(of: access)
    let needed = lanes(of: commands)
    guard needed.isSubset(of: held) else {
      set.rollBack()
      return .with(.writing(held.union(needed), withAudit: withAudit))
    }
    if held != set.allLanes { try answerAside(work, commands, now, held) }
    switch Ledger.expire(&set, at: now, in: held, limit: Lane.expiredMax) {
    case .done: return nil
    case .more:
      set.forgetTransientRecords(try commit(unit))
      return .again
    case .shared(let lanes):
      set.rollBack()
      return .with(.writing(held.union(lanes), withAudit: withAudit))
    }
  }

  // Readers see all lanes as they are at one instant; written down is only what is of the lanes that are `held`.
  private func answerAside(
    _ work: [Work], _ commands: [Item], _ now: Instant, _ held: LaneSet
  ) throws(StorageError) {
    guard work.contains(where: { !$0.isCommand }) else { return }
    _ = decide(at: now)
    _ = Ledger.expire(&set, at: now, limit: .max)
    try answerQuestions(work, commands, now)
    set.rollBack()
    _ = decide(at: now, in: held)
  }

  private func decide(
    _ commands: [Item], _ access: StorageAccess, _ unit: any UnitOfWork, _ now: Instant,
    areKeysKnown: Bool
  ) throws(StorageError) {
    var touched: [UInt64] = []
    if access.isWriting {
      let outcomes = try commands.map { (item) throws(StorageError) in try carryOut(item, now) }
      if !areKeysKnown, mayKnowKey(commands, outcomes) {
        throw StorageError(.conflict, "a key may be known")
      }
      touched = try commit(unit)
      unit.end()
      for (item, outcome) in zip(commands, outcomes) { item.answer(.success(outcome)) }
    } else {
      // What has run out is out for readers; writing it down needs the lock.
      set.rollBack()
    }
    set.forgetTransientRecords(touched + loaded)
    loaded.removeAll(keepingCapacity: true)
  }

  /// Whether a key that was not looked up may be known after all.
  func mayKnowKey(_ commands: [Item], _ outcomes: [Outcome]) -> Bool {
    // One copy of the set for all: it has many tables.
    let set = set
    return zip(commands, outcomes).contains { Ledger.mayKnowKey(of: $0.command, $1, in: set) }
  }

  private func answerQuestions(
    _ work: [Work], _ commands: [Item], _ now: Instant
  ) throws(StorageError) {
    let buyerReads = work.compactMap { item -> ReadQuery? in
      if case .read(let query, _) = item, query.buyer != nil { query } else { nil }
    }
    try loadBuyers(commands.lazy.map(\.command), buyerReads, at: now)
    if !shared.areReadsAnswered {
      answerReads(work, now)
      shared.areReadsAnswered = true
    }
    if !areLookUpsAnswered {
      try answerLists(work)
      answerLookUps(work, now)
    }
  }

  // MARK: Records

  func names(_ commands: [Item], _ work: [Work]) -> RecordNames {
    var names = RecordNames()
    for case .lookUp(let number, _) in work where isStored(number) {
      names.reservations.insert(number)
    }
    addNeeds(commands, &names)
    if shared.aboutKeys.isOver { names.keys.removeAll() }
    return names
  }

  // Keys were looked up.
  private func noteLookUp(found known: Int) {
    if known > 0 { shared.aboutKeys.wasWrong() } else { shared.aboutKeys.wasRight() }
  }

  // What is behind keys, and what memory knew to be alive or did not know of before it was in step.
  private func loadRest(
    _ commands: [Item], _ work: [Work], _ asked: RecordNames, _ unit: any UnitOfWork
  ) throws(StorageError) {
    var rest = RecordNames()
    rest.reservations = names(commands, work).reservations.subtracting(asked.reservations)
    for item in commands { Ledger.addNeedsBehindKey(of: item.command, in: set, to: &rest) }
    if !rest.isEmpty { take(try unit.load(rest), rest) }
  }

  // MARK: What others wrote

  /// Brings memory in step with what `unit` found.
  /// - Returns: the instant to decide at; nil: the log does not lead from here to there.
  private func catchUp(
    _ unit: any UnitOfWork, _ access: StorageAccess
  ) throws(StorageError) -> Instant? {
    guard let news = unit.news else {
      preconditionFailure("a unit of work on a shared store has no news")
    }
    // It was given another number of lanes.
    guard news.counters.marks.count == set.lanesCount else { return nil }
    let before = set.counters.marks
    guard try follow(news) else { return nil }
    set.follow(news.counters)
    storeClock.set(news.now)
    shared.lookedAt = clock()
    shared.clockReadAt = shared.lookedAt
    let lanes = lanes(of: access)
    for lane in set.allLanes {
      let isNews = before[lane].lastSequence != news.counters.marks[lane].lastSequence
      if isNews {
        shared.met(in: LaneSet(lane))
      } else if lanes.contains(lane) || set.lanesCount == 1 {
        shared.metNobody(in: lane)
      }
    }
    let now = decide(at: news.now, in: access.isWriting ? lanes : nil)
    storeClock.readers.noteReading(at: now)
    storeClock.readers.noteLook(at: shared.lookedAt)
    return now
  }

  // What was lost is gone; with the lock, it is seen to that what was said of it never means something else.
  private func hasLost(
    _ unit: any UnitOfWork, _ access: StorageAccess
  ) throws(StorageError) -> Bool {
    guard let news = unit.news, shared.findsLoss(news, set.counters) else { return false }
    guard access == .writingAlone else { return true }
    try unit.commit(
      try PutBackStore.changes(
        from: news.counters, replacing: set.counters, at: news.now, actor: "cupo",
        reason: "the database lost commits that were acknowledged", command: ""))
    logger.critical(
      "P2 the database has lost commits that were acknowledged; numbering on far behind event \(durablePosition)"
    )
    return true
  }

  private func follow(_ news: StorageNews) throws(StorageError) -> Bool {
    guard set.counters.nextSequence != news.counters.nextSequence else { return true }
    let missed = news.counters.nextSequence.subtractingReportingOverflow(set.counters.nextSequence)
    guard !missed.overflow, missed.partialValue <= UInt64(ChangeHub.recalledMax) else {
      return false
    }
    var changed = Changes()
    // Also what was followed before something failed: the next time goes on behind it.
    defer { announce(changed) }
    var page = news.events
    while set.counters.nextSequence < news.counters.nextSequence {
      let isFollowed = page.allSatisfy { set.follow($0, zone: zone) }
      note(page, &changed)
      guard isFollowed else { return false }
      let isAll = set.counters.nextSequence == news.counters.nextSequence
      guard !isAll else { break }
      page = try storage.events(after: set.counters.nextSequence - 1, limit: EventFeed.pageMax)
      // In other lanes others may have gone on meanwhile.
      page.removeAll { $0.sequence >= news.counters.nextSequence }
      guard !page.isEmpty else { return false }
    }
    return true
  }

  private func note(_ events: [Event], _ changed: inout Changes) {
    shared.lastEvent = events.last ?? shared.lastEvent
    for event in events { changed.insert(event) }
    guard set.lanesCount > 1 else { return }
    // One copy of the set for all: it has many tables.
    let set = set
    let lanes = events.reduce(LaneSet()) { $0.union(set.lanes(of: $1)) }
    shared.ours = shared.ours.subtracting(lanes)
    shared.met(in: lanes)
  }

  /// Takes over what others wrote in other lanes before `written`, which was committed here and stands at `place`, and tells of it.
  ///
  /// - Parameter expected: where it would stand without them.
  func followOthers(_ place: LogPlace, before written: ChangeSet, from expected: UInt64) {
    guard place.first != expected else { return }
    guard let found = try? events(of: place, from: expected),
      set.followOthers(
        found, place.state, besides: written.lanes.union(set.openLanes), zone: zone)
    else {
      shared.isOutOfStep = true
      return
    }
    var changed = Changes()
    note(found, &changed)
    durablePosition = place.first - 1
    changes.publish(changed, position: durablePosition, catalogue: set.catalogue)
    events.advance(to: durablePosition)
  }

  // Nil: some are missing.
  private func events(of place: LogPlace, from expected: UInt64) throws(StorageError) -> [Event]? {
    var all: [Event] = []
    var page = place.others
    while !page.isEmpty, all.count <= ChangeHub.recalledMax {
      for event in page where event.sequence < place.first {
        guard event.sequence == expected + UInt64(all.count) else { return nil }
        all.append(event)
      }
      let next = expected + UInt64(all.count)
      if next == place.first { return all }
      page = try storage.events(after: next - 1, limit: EventFeed.pageMax)
    }
    return nil
  }

  private func announce(_ changed: Changes) {
    guard set.counters.nextSequence - 1 > durablePosition else { return }
    durablePosition = set.counters.nextSequence - 1
    changes.publish(changed, position: durablePosition, catalogue: set.catalogue)
    events.advance(to: durablePosition)
  }

  /// Takes everything from the store again. Readers may have been told a later instant than it has, so the clock stays.
  func readAnew() throws(StorageError) {
    var anew = try WarmUp.workingSet(of: storage, zone: zone)
    anew.replace(set)
    set = anew
    shared.begin(lanes: set.lanesCount)
    durablePosition = set.counters.nextSequence - 1
    changes.publishAnew(position: durablePosition, catalogue: set.catalogue)
    events.restart(at: durablePosition)
  }
}
