import Capacity
import CapacityEngine

/// A node takes what waits for it, and everything that it says and writes is held against the truth.
extension World {
  func turn(_ node: Node) throws(Broken) {
    guard let engine = node.engine, let storage = node.storage, !isTurning(node) else { return }
    let letters = node.waiting
    node.taken += letters
    node.waiting.removeAll(keepingCapacity: true)
    node.urgentCount = 0
    let isDying = storage.diesAt != nil
    turning.append(node.index)
    let before = node.decision
    node.decidedBefore = nil
    if !disk.isShared { node.decision = max(node.decision, node.clock.now) }
    let isAhead = noteClock(of: node, engine)
    engine.turn()
    say(
      "node \(node.index) took \(letters.map { "\($0.request.number)\($0.failure.map { " \($0)" } ?? "")" })"
    )
    if isAhead { try moveOn(node, engine) }
    turning.removeLast()
    try hear(node)
    guard !isDying else { return }
    try takeAnswers(of: node, engine)
    guard node.decision >= before else { throw Broken("I4", "the decision clock went back") }
    try checkExpired(node, engine)
    try checkHub(node, engine)
  }

  func isTurning(_ node: Node) -> Bool { turning.contains(node.index) }

  /// Reads what a node did since the last time.
  func hear(_ node: Node) throws(Broken) {
    if let failure { throw failure }
    try readDiary(of: node)
    try finishUnit(of: node)
  }

  /// Each was answered once, or is under way.
  private func takeAnswers(of node: Node, _ engine: SteppedEngine) throws(Broken) {
    for letter in node.taken where letter.answersCount != 1 {
      guard letter.answersCount == 0, engine.isUnderWay else {
        throw Broken("I6", "\(letter.request.number) was answered \(letter.answersCount) times")
      }
    }
    for letter in node.taken where letter.answersCount > 0 { mail.append(.answer(letter)) }
    node.taken.removeAll { $0.answersCount > 0 }
  }

  /// Another node may take its turn just before this one is given the lock.
  func comeBefore(_ owner: Int) {
    guard failure == nil, turning.count == 1, dice.once(in: swarm.interleaved) else { return }
    let node = nodes[turning[0]]
    do throws(Broken) {
      try hear(node)
      let other = nodes[(node.index + 1) % nodes.count]
      if other.committer?.isWaiting == true, dice.once(in: 2) { try carryOut(other) }
      try turn(other)
    } catch {
      failure = error
    }
  }

  // MARK: The diary

  private func readDiary(of node: Node) throws(Broken) {
    let entries = node.diary.take()
    node.writesLeft = entries.count { $0.isWritten }
    for entry in entries {
      say("  \(entry.summary)")
      if !entry.isOfBeginning { node.decidedBefore = nil }
      switch entry {
      case .began(let instant, let memory, let lanes):
        try finishUnit(of: node)
        noteDecision(memory, node)
        node.maybeDecidedAt.removeAll()
        catchUp(node)
        node.isClockKnown = true
        node.lanes = lanes ?? LaneSet()
        node.decidedBefore = node.decision
        node.decision = max(node.decision, instant, disk.contents.counters.lastDecision)
      // What others wrote before it cannot be read; it is written all the same.
      case .failed where node.unit?.isAcknowledged == true && truth.areLanesSeveral:
        node.isBehind = true
      case .failed:
        try finishUnit(of: node)
        node.fail()
        // How far it followed the others before that is its own affair.
        if disk.isShared { (node.isBehind, node.followed) = (true, node.followedBefore) }
        node.isClockKnown = false
      case .lostTouch: node.decision = node.decidedBefore ?? node.decision
      case .overtaken: try finishUnit(of: node)
      case .reread:
        try finishUnit(of: node)
        readAnew(node)
        node.followed = truth.nextSequence - 1
        node.isBehind = false
      case .written(let changes, let place, let isTold):
        try finishUnit(of: node)
        node.unit = Unit(written: placed(changes, place), isTorn: !isTold, place: place)
        node.writesLeft -= 1
        begin(changes)
        truth.expire(at: node.decision, in: changes.lanes)
      case .answered(let letter):
        try read(letter, node)
      case .decided, .sent, .wroteAhead, .failedAhead, .settled:
        try finishUnit(of: node)
        try readAhead(entry, node)
      }
    }
  }

  private func read(_ letter: Letter, _ node: Node) throws(Broken) {
    letter.isHeard = true
    if let batch = letter.batch { return try readAnswer(letter, batch, node) }
    guard case .command(let command) = letter.asked else { return try checkRead(letter, node) }
    if letter.failure != nil {
      node.fail()
      node.unit?.refused.append(letter)
      return
    }
    if node.unit == nil {
      node.unit = Unit()
      begin(nil)
      checkNothingDue(node)
    }
    commands += 1
    check(command, isOf: node.lanes)
    let expected = truth.execute(command, &node.zones, node.decision)
    guard case .outcome(let outcome)? = letter.answer else {
      throw Broken("I9", "\(letter.request.number) is answered \(letter.said)")
    }
    try compare(outcome, expected, letter)
  }

  // What one batch wrote is complete.
  func finishUnit(of node: Node) throws(Broken) {
    guard let unit = node.unit else { return }
    node.unit = nil
    guard let changes = unit.written else {
      guard truth.events.isEmpty else {
        throw Broken("I9", "acknowledged and not written: \(truth.events)")
      }
      return try heed()
    }
    if unit.isTorn {
      try settleTorn(unit, changes, node)
    } else {
      node.isStorageDown = false
    }
    try compare(changes, at: node.decision, node.zones)
    if !unit.isTorn {
      if let place = unit.place { followOthers(node, to: place) }
      node.followed = truth.nextSequence - 1
      node.followedBefore = node.followed
    }
    try keepRows(changes, node)
  }

  /// Reads back what was written.
  func keepRows(_ changes: ChangeSet, _ node: Node) throws(Broken) {
    node.rows.append(changes)
    // The store is further on already where more was written behind it.
    if node.writesLeft == 0 {
      try compareRows(node.rows)
      node.rows.removeAll(keepingCapacity: true)
    }
  }

  // Nobody was told, and it is true all the same.
  private func settleTorn(_ unit: Unit, _ changes: ChangeSet, _ node: Node) throws(Broken) {
    node.fail()
    node.isBehind = true
    var zones = node.zones
    let together = unit.refused.prefix(portion(of: unit.refused))
    for letter in together.filter(\.isUrgent) + together.filter({ !$0.isUrgent }) {
      guard case .command(let command) = letter.asked else { continue }
      check(command, isOf: changes.lanes)
      _ = truth.execute(command, &zones, node.decision)
    }
  }

  // What the others need of buyers depends on a command that changes the limits: it goes alone.
  private func portion(of letters: [Letter]) -> Int {
    let border = letters.firstIndex { letter in
      guard case .command(.putProduct(let put)) = letter.asked else { return false }
      return put.product.limitsItsBuyers
        != (truth.products[put.product.id]?.limitsItsBuyers ?? false)
    }
    return border.map { max(1, $0) } ?? letters.count
  }

  // MARK: After a turn

  // Nothing that has run out is left, and whoever sleeps until the next end of a hold is woken at that instant.
  private func checkExpired(_ node: Node, _ engine: SteppedEngine) throws(Broken) {
    if node.isStorageDown || disk.isShared { return }
    if let next = truth.nextExpiry, next <= node.decision {
      throw Broken("I4", "a hold that ended at \(next) is there at \(node.decision)")
    }
    let expected = truth.nextExpiry.map { max($0, node.restsUntil) }
    guard engine.nextTurn == expected else {
      throw Broken(
        "I4",
        "the node wakes at \(String(describing: engine.nextTurn)), not \(String(describing: expected))"
      )
    }
  }

  private func checkHub(_ node: Node, _ engine: SteppedEngine) throws(Broken) {
    if node.isBehind { return }
    let position = engine.engine.position
    guard position == node.followed, engine.engine.events.position == position else {
      throw Broken("I8", "watchers are told of event \(position), the last is \(node.followed)")
    }
  }

  /// A node takes over what others wrote since it looked last.
  private func catchUp(_ node: Node) {
    for edit in resourceEdits.reversed() {
      if edit.sequence <= node.followed { break }
      if let resource = truth.resources[edit.id] {
        node.zones[edit.id] = zoneData.table(resource.timeZone, zoneVersion.value)
      }
    }
    node.followedBefore = node.followed
    node.followed = truth.nextSequence - 1
    node.isBehind = false
  }
}

extension Product {
  fileprivate var limitsItsBuyers: Bool {
    limits.maxHeldPerBuyer > 0 || limits.maxPerBuyerPerDay > 0
  }
}
