import Capacity
import CapacityEngine

/// Nodes that decide a batch while one is written: when the write is carried out, how it ends, and who hears of it when.
///
/// The truth goes through such a batch when the store has it. Answers come later, and are what that came to.
extension World {
  // MARK: Steps

  /// Carries out the write that a node has under way. The node hears of it at its next turn.
  func carryOut(_ node: Node) throws(Broken) {
    guard let committer = node.committer, committer.isWaiting, !isTurning(node) else { return }
    say("the write of node \(node.index) is carried out")
    turning.append(node.index)
    committer.step()
    turning.removeLast()
    try hear(node)
  }

  /// Carries out some write that is under way; now and then one of a node that has died meanwhile.
  func write() throws(Broken) {
    guard !orphans.isEmpty, dice.once(in: 2) else { return try carryOut(dice.pick(nodes)) }
    let orphan = orphans.remove(at: dice.below(orphans.count))
    say("what a dead node sent arrives")
    orphan.committer.step()
    let node = nodes[orphan.node]
    node.writesLeft = 0
    for entry in node.diary.take() {
      say("  \(entry.summary)")
      if case .wroteAhead(let batch, let changes, let place, _) = entry {
        try judge(batch, placed(changes, place), node)
      }
    }
  }

  /// What a node had under way when it died may arrive all the same.
  func orphan(_ node: Node) {
    guard let committer = node.committer, committer.isWaiting, node.storage?.isDead == false,
      dice.once(in: 2)
    else { return }
    orphans.append((node.index, committer))
  }

  /// Nothing is under way any more.
  func settle(_ node: Node) throws(Broken) {
    // A batch on top of the one under way is sent once that is over; what others came before is decided anew, in several lanes more than
    // once.
    for _ in 0..<8 {
      try carryOut(node)
      try turn(node)
      try turn(node)
      guard node.engine?.isUnderWay == true else { break }
    }
    guard node.engine?.isUnderWay == false, node.taken.isEmpty else {
      throw Broken("I6", "\(node.taken.map { $0.request.number }) wait for ever")
    }
  }

  // MARK: Turns

  /// Notes when the node would decide now without asking the store.
  ///
  /// - Returns: false where it never does.
  func noteClock(of node: Node, _ engine: SteppedEngine) -> Bool {
    guard node.committer != nil else { return false }
    node.maybeDecidedAt.append(engine.engine.now())
    return true
  }

  /// The second half of a turn.
  func moveOn(_ node: Node, _ engine: SteppedEngine) throws(Broken) {
    try hear(node)
    engine.moveOn(isMoreWaiting: dice.once(in: 2))
  }

  /// A node says that it has decided at `instant`.
  func noteDecision(_ instant: Instant, _ node: Node) {
    let isKnown = node.maybeDecidedAt.contains(instant) || instant == node.followedDecision
    guard instant > node.decision, isKnown else { return }
    node.decision = instant
  }

  // MARK: The diary

  func readAhead(_ entry: Diary.Entry, _ node: Node) throws(Broken) {
    switch entry {
    case .decided(let decision): try noteDecision(decision, node)
    case .sent(let batch): send(batch, node)
    case .wroteAhead(let batch, let changes, let place, let isTold):
      node.writesLeft -= 1
      batch.state = isTold ? .written : .torn
      batch.place = place
      try judge(batch, placed(changes, place), node)
    case .failedAhead(let batch, let isRefused):
      // The last word on what was torn was said.
      if batch.state == .torn { return }
      batch.state = isRefused ? .refused : .lost
      guard isRefused else { return }
      for letter in batch.portions.flatMap(\.letters) { letter.batch = nil }
    case .settled(let batch, let last):
      try settle(batch, last, node)
    case .began, .failed, .lostTouch, .overtaken, .written, .reread, .answered: break
    }
  }

  private func noteDecision(
    _ decision: StepCommitter.Decision, _ node: Node
  ) throws(Broken) {
    let before = node.maybeDecidedAt.dropLast().max() ?? .distantPast
    let expected = max(disk.clock.now, node.decision, before, node.followedDecision)
    guard !node.isClockKnown || decision.at == expected else {
      throw Broken("I4", "a batch is decided at \(decision.at), it is \(expected)")
    }
    node.decision = max(node.decision, decision.at)
    if decision.isFirst { node.decided.removeAll() }
    var waiting = node.taken.filter { $0.batch == nil && !$0.isHeard }
    let others = node.decided.flatMap(\.letters)
    waiting.removeAll { letter in others.contains { $0 === letter } }
    var letters: [Letter] = []
    for command in decision.commands {
      guard let index = waiting.firstIndex(where: { $0.asks(command) }) else {
        throw Broken("I6", "\(command) is decided, and nobody asked for it")
      }
      letters.append(waiting.remove(at: index))
    }
    node.decided.append(.init(at: decision.at, lanes: decision.lanes, letters: letters))
  }

  private func send(_ batch: SentBatch, _ node: Node) {
    batch.zones = node.zones
    for portion in node.decided {
      let letters = portion.letters.filter { !$0.isHeard }
      for letter in letters { letter.batch = batch }
      if letters.isEmpty { continue }
      batch.portions.append(.init(at: portion.at, lanes: portion.lanes, letters: letters))
    }
    node.decided.removeAll()
    sentCount += 1
  }

  // What is written now is true from now on, whoever knows.
  private func judge(_ batch: SentBatch, _ changes: ChangeSet, _ node: Node) throws(Broken) {
    begin(changes)
    for portion in batch.portions {
      truth.expire(at: portion.at, in: portion.lanes)
      for letter in portion.letters {
        guard case .command(let command) = letter.asked else { continue }
        check(command, isOf: portion.lanes)
        commands += 1
        letter.expected = truth.execute(command, &batch.zones, portion.at)
      }
    }
    takeTrailing(changes)
    let decision = decision(of: batch, changes)
    try compare(changes, at: decision, batch.zones)
    try keepRows(changes, node)
  }

  // In some lanes it may have gone on, and found that it wants others, too.
  private func decision(of batch: SentBatch, _ changes: ChangeSet) -> Instant {
    let last = batch.portions.last?.at ?? .distantPast
    return truth.areLanesSeveral ? max(last, changes.counters.lastDecision) : last
  }

  private func settle(_ batch: SentBatch, _ last: UInt64?, _ node: Node) throws(Broken) {
    guard let last, !batch.isKept else {
      guard batch.state != .written else {
        throw Broken("I9", "a batch that is written is given up")
      }
      guard batch.state != .refused else { return }
      node.fail()
      (node.isBehind, node.followed) = (true, node.followedBefore)
      return
    }
    guard batch.state == .written else {
      throw Broken("I9", "event \(last) is acknowledged before it is written")
    }
    if let place = batch.place { followOthers(node, to: place) }
    (node.followed, node.followedBefore) = (last, last)
  }

  /// What was decided ahead is answered.
  func readAnswer(_ letter: Letter, _ batch: SentBatch, _ node: Node) throws(Broken) {
    if batch.isKept { letter.garble() }
    switch (batch.state, letter.answer) {
    case (.written, .outcome(let outcome)?):
      guard let expected = letter.expected else { return }
      try compare(outcome, expected, letter)
    case (.lost, .failure?), (.torn, .failure?): node.fail()
    default:
      throw Broken(
        "I9", "\(letter.request.number) is answered \(letter.said), its batch is \(batch.state)")
    }
  }
}
