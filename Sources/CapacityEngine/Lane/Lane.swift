import Capacity
import Logging

/// Decides in batches: what waits is executed one after another in memory, committed once, and answered together.
///
/// Not for threads: `LaneThread` calls it, and a simulator can. The one thing to know: nothing that a batch changed is
/// told to anyone before the store has it, but expiry is true by the clock alone, so readers see it at once.
final class Lane {
  /// Holds that one transaction expires at most; more are expired in several.
  static let expiredMax = 4096
  /// Fewer are not worth a second commit.
  private static let crowdMin = 32

  let storage: any Storage
  let clock: @Sendable () -> Instant
  let zone: @Sendable (String) -> Zone?
  /// What decisions are timed by.
  let storeClock: StoreClock
  let changes: ChangeHub
  /// The log, for those who follow it.
  let events: EventFeed
  /// Spells what a command made, for the audit log.
  let naming: ReservationNaming
  let logger: Logger
  var set: WorkingSet
  private let storageChanged: @Sendable (_ isDown: Bool) -> Void
  var isStorageDown = false {
    didSet { if isStorageDown != oldValue { storageChanged(isStorageDown) } }
  }
  // A commit failed: whether it was written all the same is not known yet.
  private var isUncertain = false
  // While the store fails, sweeping on our own waits; commands try all the same.
  var sweepNotBefore = Instant.distantPast
  // Of the present batch: once they have their answer a failing commit is none of theirs.
  var areLookUpsAnswered = false
  /// What it knows of a store that others write to.
  var shared: SharedStore
  // How much the last turn had.
  private var lastCount = 0
  /// Writes batches beside the lane, on a store that others write to; nil: all are written where they are decided.
  let committer: (any Committer)?
  /// The batch that is being written, and the one behind it.
  var written: AheadBatch?
  var open: AheadBatch?
  // The last event that the store has. Readers go on from here: what is only in memory may yet be rolled back.
  var durablePosition: UInt64

  init(
    storage: any Storage, set: WorkingSet, changes: ChangeHub, naming: ReservationNaming,
    logger: Logger,
    clock: @escaping @Sendable () -> Instant, zone: @escaping @Sendable (String) -> Zone?,
    committer: (any Committer)? = nil,
    storageChanged: @escaping @Sendable (_ isDown: Bool) -> Void = { _ in }
  ) {
    self.committer = committer
    self.storageChanged = storageChanged
    self.storage = storage
    self.set = set
    shared = SharedStore(lanes: set.lanesCount)
    self.changes = changes
    self.naming = naming
    self.logger = logger
    self.clock = clock
    storeClock = StoreClock(clock, isShared: storage.ownership == .shared)
    storeClock.note(decision: set.counters.lastDecision)
    self.zone = zone
    durablePosition = set.counters.nextSequence - 1
    events = EventFeed(position: durablePosition)
  }

  /// When the lane next has something to do by itself; nil: never.
  func nextTurn() -> Instant? {
    // It is told when that is over.
    if written != nil { return nil }
    if storage.ownership == .shared { return nextSharedTurn() }
    // A server whose store fails may get no calls, and would never learn that the store works again.
    return isStorageDown
      ? sweepNotBefore : set.nextExpiry().map { max(storeClock.own(at: $0), sweepNotBefore) }
  }

  /// Carries out everything in `all`. What is decided ahead is answered later, see `moveOn`; the rest here.
  func turn(_ all: [Work]) {
    for work in portions(of: all) {
      if decideAhead(work) { continue }
      settleAll()
      turnWithStore(work)
    }
  }

  /// Carries out everything in `all` on what the store knows; nothing is under way.
  func turnWithStore(_ all: [Work]) {
    let most = largestBatch(of: all.count)
    // What goes first in a batch goes in the first of several.
    let work = most < all.count ? all.filter(\.isUrgent) + all.filter { !$0.isUrgent } : all
    var rest = work[...]
    // Empty turns count too: they expire.
    repeat {
      // Of the batch before some may have been decided ahead.
      settleAll()
      // Before the work is divided: the catalogue may be another than the lane thought.
      let isKnown = knowsTheStore()
      let count = min(firstBatch(of: rest), most)
      turnOnce(
        count == rest.count && rest.count == work.count ? work : Array(rest.prefix(count)), isKnown)
      rest = rest.dropFirst(count)
    } while !rest.isEmpty
  }

  // Where nearly all calls that are open wait here together, their callers wait for them together, and then the lane waits for
  // their next calls. In two halves one half is decided while the other is under way.
  private func largestBatch(of count: Int) -> Int {
    defer { lastCount = count }
    // What a commit costs on a store beyond a network is not worth it.
    guard storage.ownership == .exclusive else { return max(1, count) }
    return count >= Lane.crowdMin && lastCount < count / 3 ? (count + 1) / 2 : max(1, count)
  }

  // What the others need of buyers depends on a command that changes the limits: it is a batch of its own.
  func firstBatch(of work: ArraySlice<Work>) -> Int {
    let border = work.firstIndex { $0.changesBuyerLimits(in: set.catalogue) }
    guard let border else { return work.count }
    return max(1, border - work.startIndex)
  }

  private func turnOnce(_ work: [Work], _ isKnown: Bool) {
    areLookUpsAnswered = false
    guard storage.ownership == .exclusive else { return turnShared(work) }
    storeClock.readers.begin()
    defer { storeClock.readers.end() }
    let now = decide(at: max(clock(), storeClock.readers.told))
    storeClock.readers.decide(at: now)
    guard isKnown else { return answerWithoutStore(work, now) }
    while Ledger.expire(&set, at: now, limit: Lane.expiredMax) == .more {
      guard writeExpired() else { return answerWithoutStore(work, now) }
    }
    answerReads(work, now)
    do throws(StorageError) {
      try execute(work, now)
    } catch {
      report(error)
      set.rollBack()
      fail(work)
    }
  }

  /// The instant to decide at in `lanes` (nil: in all) when the clock says `instant`.
  func decide(at instant: Instant, in lanes: LaneSet? = nil) -> Instant {
    let now = set.decide(at: instant, in: lanes)
    storeClock.note(decision: now)
    return now
  }

  func close() {
    settleAll()
    committer?.stop()
    storage.close()
  }

  // After a failed commit: a store that has it all the same is read anew, or nothing would fit it any more.
  private func knowsTheStore() -> Bool {
    // On a store that others write to, that is found in the log.
    guard isUncertain, storage.ownership == .exclusive else { return true }
    do throws(StorageError) {
      let stored = try storage.counters()
      if stored.nextSequence != set.counters.nextSequence || stored.audit != set.counters.audit {
        logger.notice("a commit that failed was written after all; reading the store anew")
        try readAnew()
      }
      isUncertain = false
      return true
    } catch {
      report(error)
      return false
    }
  }

  // MARK: Reads

  func answerReads(_ work: [Work], _ now: Instant) {
    storeClock.readers.noteReading(at: now)
    for case .read(let query, let answer) in work where query.buyer == nil {
      answer(.success(reading(query, now)))
    }
  }

  func reading(_ query: ReadQuery, _ now: Instant) -> Reading {
    var views: [PoolKey: PoolView] = [:]
    views.reserveCapacity(query.pools.count)
    for key in query.pools { views[key] = set.view(key) }
    var reading = Reading(
      asOf: now, position: durablePosition, catalogue: set.catalogue, views: views)
    reading.isAhead = set.hasChanges
    if let range = query.range {
      reading.ordinals = set.ordinals(of: range.resourceID, in: range.ordinals)
    }
    for run in query.runs { reading.columns.append(set.column(run)) }
    return reading
  }

  // MARK: Commands

  private func execute(_ work: [Work], _ now: Instant) throws(StorageError) {
    let commands = ordered(work)
    let lookUps = work.compactMap { item -> UInt64? in
      if case .lookUp(let number, _) = item { number } else { nil }
    }
    let hasList = work.contains { if case .list = $0 { true } else { false } }
    let buyerReads = work.compactMap { item -> ReadQuery? in
      if case .read(let query, _) = item, query.buyer != nil { query } else { nil }
    }
    guard
      !commands.isEmpty || !lookUps.isEmpty || hasList || !buyerReads.isEmpty || set.hasChanges
        || isStorageDown
    else {
      set.commit()
      return
    }
    let unit = try load(commands, lookUps)
    try loadBuyers(commands.lazy.map(\.command), buyerReads, at: now)
    if hasList { try answerLists(work) }
    answerLookUps(work, now)
    let outcomes = try commands.map { (item) throws(StorageError) in try carryOut(item, now) }
    let touched = try commit(unit)
    for (item, outcome) in zip(commands, outcomes) { item.answer(.success(outcome)) }
    set.forgetTransientRecords(touched + loaded)
    loaded.removeAll(keepingCapacity: true)
  }

  typealias Item = (
    command: Command, note: AuditNote?, answer: (Result<Outcome, EngineError>) -> Void
  )

  // Releases first, everything else in the order in which it came.
  func ordered(_ work: [Work]) -> [Item] {
    var urgent: [Item] = []
    var normal: [Item] = []
    for item in work {
      switch item {
      case .command(let command, let note, let answer):
        if item.isUrgent {
          urgent.append((command, note, answer))
        } else {
          normal.append((command, note, answer))
        }
      case .commands(let commands, let note, let answer):
        normal += JointAnswer.items(commands, note, answer)
      case .read, .lookUp, .list: continue
      }
    }
    return urgent + normal
  }

  var loaded: [UInt64] = []

  // Reads what the commands name, then the reservations which known keys stand for.
  private func load(_ commands: [Item], _ lookUps: [UInt64]) throws(StorageError) -> any UnitOfWork
  {
    var names = RecordNames()
    for number in lookUps where isStored(number) { names.reservations.insert(number) }
    addNeeds(commands, &names)
    let unit = try storage.begin(reading: names)
    let records = unit.records
    take(records, names)
    guard !records.keys.isEmpty else { return unit }
    names = RecordNames()
    for item in commands { Ledger.addNeedsBehindKey(of: item.command, in: set, to: &names) }
    if !names.isEmpty { take(try unit.load(names), names) }
    return unit
  }

  // One copy of the set for all: it has many tables.
  func addNeeds(_ commands: [Item], _ names: inout RecordNames) {
    let set = set
    for item in commands { Ledger.addNeeds(of: item.command, in: set, to: &names) }
  }

  func isStored(_ number: UInt64) -> Bool {
    number > 0 && number < set.counters.nextReservation && !set.holdsRecord(number)
  }

  func take(_ records: Records, _ names: RecordNames) {
    set.load(records)
    loaded.append(contentsOf: names.reservations)
  }

  func answerLookUps(_ work: [Work], _ now: Instant) {
    for case .lookUp(let number, let answer) in work { answer(.success(set.reservation(number))) }
    for case .read(let query, let answer) in work {
      guard let buyer = query.buyer else { continue }
      var reading = reading(query, now)
      reading.buyer = set.buyer(buyer.id)
      answer(.success(reading))
    }
    areLookUpsAnswered = true
  }

  // MARK: Commit

  func commit(_ unit: any UnitOfWork) throws(StorageError) -> [UInt64] {
    // After a failure the lane's own row is written, for only that shows that writing works again.
    let late = set.lanesBehind(by: set.sweepLimits.eventsMax)
    guard set.hasChanges || isStorageDown || !late.isDisjoint(with: set.openLanes) else {
      set.commit()
      return []
    }
    var written = set.changes()
    for record in set.auditRecords { try written.seal(record) }
    let expected = written.firstSequence
    let place = try unit.commit(written)
    set.commit(audit: written.counters.audit)
    set.move(&written, to: place.first)
    followOthers(place, before: written, from: expected)
    if isStorageDown {
      isStorageDown = false
      logger.notice("the store works again")
    }
    return announce(written)
  }

  /// Tells of what the store has.
  /// - Returns: what it has changed and need not stay in memory.
  func announce(_ written: ChangeSet) -> [UInt64] {
    shared.ours.formUnion(written.lanes)
    // Where something before it is missing, all is told once memory was read anew.
    if !shared.isOutOfStep {
      durablePosition = written.counters.nextSequence - 1
      if let last = written.events.last {
        shared.lastEvent = last
        changes.publish(written, catalogue: set.catalogue)
        events.advance(to: durablePosition)
      }
    }
    // Those that hold something stay in memory.
    return written.reservations.lazy.filter { !$0.isHolding }.map(\.number)
  }

  private func writeExpired() -> Bool {
    do throws(StorageError) {
      set.forgetTransientRecords(try commit(try storage.begin(reading: RecordNames())))
      return true
    } catch {
      report(error)
      set.rollBack()
      return false
    }
  }

  // Readers are told the truth all the same: what has run out is out by the clock, not by being written down.
  private func answerWithoutStore(_ work: [Work], _ now: Instant) {
    _ = Ledger.expire(&set, at: now, limit: .max)
    answerReads(work, now)
    set.rollBack()
    fail(work)
  }

  func fail(_ work: [Work]) {
    isUncertain = true
    set.forgetTransientRecords(loaded)
    loaded.removeAll()
    sweepNotBefore = clock() + Interval(microseconds: 200_000)
    for item in work {
      // Reads were answered from memory before the store was asked.
      if case .read(let query, _) = item, query.buyer == nil { continue }
      if areLookUpsAnswered, item.isLookUp { continue }
      item.fail(.storageUnavailable)
    }
  }

  // One line when it begins, not one for each call that suffers from it.
  func report(_ error: StorageError) {
    guard !isStorageDown else { return }
    isStorageDown = true
    logger.critical("P2 the store fails; answering UNAVAILABLE until it works: \(error.loggable)")
  }
}
