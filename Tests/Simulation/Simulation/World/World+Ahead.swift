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
      if case .wroteAhead(let batch, let changes, _) = entry { try judge(batch, changes, node) }
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
    try carryOut(node)
    try turn(node)
    try turn(node)
    guard node.engine?.isUnderWay == false, node.taken.isEmpty else {
      throw Broken("I6", "\(node.taken.map { $0.request.number }) wait for ever")
    }
  }

  // MARK: Turns

  /// When the node would decide now without asking the store; nil: it never does.
  func noteClock(of node: Node, _ engine: SteppedEngine) -> Instant? {
    guard node.committer != nil else { return nil }
    let instant = engine.engine.now()
    node.maybeDecidedAt.append(instant)
    return instant
  }

  /// The second half of a turn.
  ///
  /// - Parameter letters: what the first half took.
  func moveOn(
    _ node: Node, _ engine: SteppedEngine, _ letters: [Letter], _ instant: Instant
  ) throws(Broken) {
    let before = node.maybeDecidedAt.dropLast().max() ?? .distantPast
    let expected = max(disk.clock.now, node.decision, before)
    let wasKnown = node.isClockKnown
    try hear(node)
    let open = letters.filter { !$0.isHeard }
    if !open.isEmpty {
      guard !wasKnown || instant == expected else {
        throw Broken("I4", "a batch is decided at \(instant), it is \(expected)")
      }
      node.decision = max(node.decision, instant)
      let urgent = open.filter(\.isUrgent)
      node.decided.append(.init(at: instant, letters: urgent + open.filter { !$0.isUrgent }))
    }
    engine.moveOn(isMoreWaiting: dice.once(in: 2))
  }

  /// A node says that it has decided at `instant`.
  func noteDecision(_ instant: Instant, _ node: Node) {
    guard instant > node.decision, node.maybeDecidedAt.contains(instant) else { return }
    node.decision = instant
  }

  // MARK: The diary

  func readAhead(_ entry: Diary.Entry, _ node: Node) throws(Broken) {
    switch entry {
    case .sent(let batch): send(batch, node)
    case .wroteAhead(let batch, let changes, let isTold):
      node.writesLeft -= 1
      batch.state = isTold ? .written : .torn
      try judge(batch, changes, node)
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

  private func send(_ batch: SentBatch, _ node: Node) {
    batch.zones = node.zones
    for portion in node.decided {
      let letters = portion.letters.filter { !$0.isHeard }
      for letter in letters { letter.batch = batch }
      if !letters.isEmpty { batch.portions.append(.init(at: portion.at, letters: letters)) }
    }
    node.decided.removeAll()
    sentCount += 1
  }

  // What is written now is true from now on, whoever knows.
  private func judge(_ batch: SentBatch, _ changes: ChangeSet, _ node: Node) throws(Broken) {
    truth.begin()
    for portion in batch.portions {
      truth.expire(at: portion.at)
      for letter in portion.letters {
        guard case .command(let command) = letter.asked else { continue }
        commands += 1
        letter.expected = truth.execute(command, &batch.zones, portion.at)
      }
    }
    let decision = batch.portions.last?.at ?? .distantPast
    try compare(changes, at: decision, batch.zones)
    try keepRows(changes, node)
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
