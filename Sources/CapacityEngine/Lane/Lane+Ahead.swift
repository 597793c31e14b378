import Capacity

/// A batch that is decided in memory and that the store does not have yet.
struct AheadBatch {
  let unit: any OptimisticWork
  /// All that is in it, to be told where it fails.
  var work: [Work] = []
  var decided: [(item: Lane.Item, outcome: Outcome)] = []
  /// What is written; nil while the batch is open.
  var changes: ChangeSet?
}

/// Deciding ahead, on a store that others write to: while one batch is being written on a thread of its own, the next one is decided
/// on top of it. Without this the lane, the database and the loops would take turns.
///
/// Two batches at most: the one that is being written, and the open one, which grows until it is as large. The one thing to know:
/// nobody is told of a batch before the store has it, so whatever is no plain command (reads first of all) waits until nothing is
/// under way; and where a batch fails, the open one fails with it, for it stands on it.
extension Lane {
  /// So much may be decided ahead of what is being written.
  static let aheadMax = WaitEstimate.largestBatch
  /// So little is written where it was decided if nothing waits: sooner than on another thread.
  private static let aloneMax = 4

  /// Decides `work` behind what is under way, if memory is enough for it.
  /// - Returns: false where it is not: the work wants a turn of its own, with nothing under way.
  func decideAhead(_ work: [Work]) -> Bool {
    guard committer != nil, !isStorageDown else { return false }
    guard !work.isEmpty else { return written != nil || open != nil }
    guard isPlain(work) else { return false }
    let commands = ordered(work)
    guard names(commands, []).isEmpty else { return false }
    let lanes = lanesToDecide(commands)
    guard shared.mayDecideAhead(in: lanes, at: clock()), openBatch() else { return false }
    let now = decide(at: storeClock.now(), in: lanes)
    guard Ledger.expire(&set, at: now, in: lanes, limit: Lane.expiredMax) == .done else {
      // More is due than one commit takes, or in more lanes.
      if open?.work.isEmpty == true { dropOpen() }
      return false
    }
    let outcomes = commands.map { Ledger.execute($0.command, on: &set, at: now) }
    committer?.note(commands, at: now, in: lanes, isFirst: open?.work.isEmpty ?? true)
    open?.work += work
    for (item, outcome) in zip(commands, outcomes) { open?.decided.append((item, outcome)) }
    if mayKnowKey(commands, outcomes) { redoOpen() }
    return true
  }

  private func isPlain(_ work: [Work]) -> Bool {
    guard !set.catalogue.limitsBuyers else { return false }
    return work.allSatisfy { item in
      switch item {
      case .command(let command, let note, _): note == nil && command.isPlain
      case .commands(let commands, let note, _): note == nil && commands.allSatisfy(\.isPlain)
      case .read, .lookUp, .list: false
      }
    }
  }

  // False where the store has no such batch, or cannot be reached: a turn of its own finds out.
  private func openBatch() -> Bool {
    guard open == nil else { return true }
    guard let unit = try? storage.beginOptimistic() else { return false }
    open = AheadBatch(unit: unit)
    return true
  }

  // MARK: Writing

  /// Goes on with what is open, once a turn is over.
  ///
  /// - Parameter isMoreWaiting: whether there is work to decide meanwhile.
  func moveOn(_ isMoreWaiting: () -> Bool) {
    settleIfOver()
    if let written, let open {
      let most = min(written.work.count, Lane.aheadMax)
      if open.work.count >= most { settle() }
    }
    guard written == nil, let open else { return }
    send(isAlone: open.work.count <= Self.aloneMax && !isMoreWaiting())
  }

  /// Returns when nothing is under way.
  func settleAll() {
    // What failed may have been decided ahead again.
    while written != nil || open != nil {
      if written != nil { settle() } else { send(isAlone: true) }
    }
  }

  private func settleIfOver() {
    if written != nil, committer?.isOver == true { settle() }
  }

  private func send(isAlone: Bool) {
    guard var batch = open, let committer else { return }
    open = nil
    guard set.hasChanges else {
      // Nothing is written that would fail where memory was wrong, so the store is asked.
      set.rollBack()
      return turnWithStore(batch.work)
    }
    let known = set.countersBefore
    let changes = set.changes()
    let write = batch.unit.prepare(changes, after: known)
    batch.changes = changes
    set.send()
    written = batch
    guard isAlone else { return committer.start(write) }
    settle(CommitThread.result(of: write))
  }

  private func settle() {
    if let committer { settle(committer.take()) }
  }

  private func settle(_ result: Result<LogPlace, StorageError>) {
    guard let batch = written, var changes = batch.changes else { return }
    written = nil
    switch result {
    case .success(let place):
      let expected = changes.firstSequence
      set.commitSent()
      set.move(&changes, to: place.first)
      batch.unit.finish(changes, nil)
      var overtaken = takeOvertaken(place, from: expected)
      followOthers(place, before: changes, from: expected)
      if shared.isOutOfStep { overtaken += takeOpen() }
      // Before those are told who wait for this one: the store need not wait for that.
      if set.hasChanges { send(isAlone: false) }
      answer(batch, announce(changes))
      if !overtaken.isEmpty { turn(overtaken) }
    case .failure(let error):
      batch.unit.finish(changes, error)
      giveUp(batch, error)
    }
  }

  // What was decided in lanes in which others came first is decided anew.
  private func takeOvertaken(_ place: LogPlace, from expected: UInt64) -> [Work] {
    guard open != nil, place.first != expected else { return [] }
    let isAll =
      UInt64(place.others.count) == place.first - expected
      && place.others.first?.sequence == expected
    // One copy of the set for all: it has many tables.
    let set = set
    let isClear = place.others.allSatisfy { set.lanes(of: $0).isDisjoint(with: set.openLanes) }
    return isAll && isClear ? [] : takeOpen()
  }

  private func takeOpen() -> [Work] {
    let work = open?.work ?? []
    dropOpen()
    return work
  }

  private func answer(_ batch: AheadBatch, _ touched: [UInt64]) {
    shared.lookedAt = clock()
    for (item, outcome) in batch.decided { item.answer(.success(outcome)) }
    set.forgetTransientRecords(touched)
  }

  // What was decided on a memory that was not the store any more is decided anew, once that is known.
  private func giveUp(_ batch: AheadBatch, _ error: StorageError) {
    let work = batch.work + (open?.work ?? [])
    let lanes = set.openLanes.union(batch.changes?.lanes ?? LaneSet())
    open = nil
    set.rollBackSent()
    set.forgetTransientRecords([])
    if error.kind == .conflict {
      shared.met(in: lanes)
      shared.aboutKeys.wasWrong()
      return turn(work)
    }
    report(error)
    fail(work)
  }

  // A key that was refused may have been granted before: all that is open is decided in a turn of its own, which looks keys up.
  private func redoOpen() {
    shared.aboutKeys.wasWrong()
    turn(takeOpen())
  }

  private func dropOpen() {
    open = nil
    set.rollBack()
  }
}

extension Command {
  /// Whether it is about reservations alone.
  fileprivate var isPlain: Bool {
    switch self {
    case .reserve, .consume, .release, .cancel, .extend: true
    case .adjustStock, .putResource, .putProduct, .setPause: false
    }
  }
}
