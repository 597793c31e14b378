import Capacity
import CapacityEngine

/// A store of several lanes: who comes between, and what of lanes is held against the truth.
extension World {
  /// Others may append in other lanes before a batch does.
  func comeBetween(_ owner: Int) {
    guard truth.areLanesSeveral, failure == nil, turning.count == 1,
      dice.once(in: swarm.interleaved)
    else { return }
    let node = nodes[turning[0]]
    do throws(Broken) {
      try hear(node)
      let other = nodes[(node.index + 1) % nodes.count]
      if dice.once(in: 2) { try carryOut(other) }
      // It would wait for the others.
      let wanted = lanes(of: other.waiting).union(lanes(of: other.decided.flatMap(\.letters)))
      if wanted.isDisjoint(with: disk.locked) { try turn(other) }
    } catch {
      failure = error
    }
  }

  private func lanes(of letters: [Letter]) -> LaneSet {
    letters.reduce(LaneSet()) { lanes, letter in
      guard case .command(let command) = letter.asked else { return lanes }
      return lanes.union(truth.lanes(of: command))
    }
  }

  /// The node that serves most of what is like `content`; nil: any.
  func home(of content: Letter.Content) -> Node? {
    guard truth.areLanesSeveral, !dice.once(in: swarm.loyalty) else { return nil }
    let lane: Int? =
      switch content {
      case .command(let command): truth.lanes(of: command).first { _ in true }
      case .read(let product, _, _, _):
        truth.products[product].flatMap { truth.sellerLanes[$0.sellerID] }
      case .lookUp, .list: nil
      }
    return lane.map { nodes[$0 % nodes.count] }
  }

  // MARK: Batches

  /// `changes` as they stand in the log.
  func placed(_ changes: ChangeSet, _ place: LogPlace) -> ChangeSet {
    let first = changes.firstSequence
    let places = place.first &- first
    guard places != 0 else { return changes }
    movedCount += 1
    var placed = changes
    for index in placed.events.indices { placed.events[index].sequence &+= places }
    placed.counters.nextSequence &+= places
    for lane in changes.lanes {
      let mark = changes.counters.marks[lane]
      if mark.lastSequence >= first { placed.counters.marks[lane].lastSequence &+= places }
      if mark.poolsWrittenTo >= first { placed.counters.marks[lane].poolsWrittenTo &+= places }
    }
    return placed
  }

  /// The truth goes on with a batch: what only the node can know it takes from there.
  func begin(_ changes: ChangeSet?) {
    truth.begin()
    guard truth.areLanesSeveral, let changes else { return }
    truth.numbersGiven = changes.events.compactMap { event in
      guard event.kind == .reservationHeld, case .reservation(let made) = event.subject else {
        return nil
      }
      return made.number
    }
  }

  /// What `command` is about must be in lanes that it is decided in, or others could change it meanwhile.
  func check(_ command: Command, isOf lanes: LaneSet) {
    let own = truth.lanes(of: command)
    guard truth.areLanesSeveral, !own.isSubset(of: lanes) else { return }
    truth.complain(
      "I9", "\(command) is of lanes \(Array(own)) and decided in \(Array(lanes))")
  }

  /// A batch that was begun and refused whatever it was to do.
  func checkNothingDue(_ node: Node) {
    guard truth.areLanesSeveral, truth.isDue(at: node.decision, in: node.lanes) else { return }
    truth.complain("I4", "something is due in \(Array(node.lanes)) at \(node.decision)")
  }

  /// Whoever is alone writes down in the end what others have left: what is due is not left for long.
  func checkWrittenDown(_ node: Node) throws(Broken) {
    guard truth.areLanesSeveral, node.isClockKnown, let next = truth.nextExpiry else { return }
    guard next + Interval(microseconds: 250_000) > disk.clock.now else {
      throw Broken("I4", "a hold that ended at \(next) is left at \(disk.clock.now)")
    }
  }

  /// What a batch ended before it was found that it wants other lanes, too.
  func takeTrailing(_ changes: ChangeSet) {
    guard truth.areLanesSeveral else { return }
    for event in changes.events.dropFirst(truth.events.count) {
      guard event.kind == .reservationExpired, case .reservation(let ended) = event.subject,
        truth.expire(ended, at: changes.counters.lastDecision, in: changes.lanes)
      else { return }
    }
  }

  func heed() throws(Broken) {
    if let complaint = truth.complaint { throw complaint }
  }

  func compareEnd(_ changes: ChangeSet) throws(Broken) {
    guard changes.counters.nextSequence != truth.nextSequence else { return }
    throw Broken(
      "I8",
      "the log goes on with event \(changes.counters.nextSequence), not \(truth.nextSequence):"
        + " events are \(changes.events), not \(truth.events)")
  }

  func compareLanes(_ changes: ChangeSet) throws(Broken) {
    for event in truth.events where !truth.lanes(of: event.subject).isSubset(of: changes.lanes) {
      throw Broken("I9", "\(event) is not of lanes \(Array(changes.lanes))")
    }
    for lane in changes.lanes {
      let (mark, end) = (changes.counters.marks[lane], truth.lanes[lane])
      guard mark.lastDecision >= end.decidedAt else {
        throw Broken("I4", "lane \(lane) goes back from \(end.decidedAt) to \(mark.lastDecision)")
      }
      guard mark.lastSequence == end.lastSequence else {
        throw Broken(
          "I8", "lane \(lane) ends with event \(mark.lastSequence), not \(end.lastSequence)")
      }
      truth.lanes[lane].decidedAt = mark.lastDecision
    }
  }

  func compareLaneRows(_ last: ChangeSet) throws(Broken) {
    let stored = disk.contents.counters
    let isSame = stored.marks.indices.allSatisfy { lane in
      stored.marks[lane].lastSequence == truth.lanes[lane].lastSequence
        && stored.marks[lane].lastDecision == truth.lanes[lane].decidedAt
        // Who has swept it meanwhile may have promised more.
        && (!last.lanes.contains(lane)
          || stored.marks[lane].poolsWrittenTo >= last.counters.marks[lane].poolsWrittenTo)
    }
    guard isSame, stored.nextSequence == truth.nextSequence,
      stored.nextReservation == truth.nextNumber,
      last.audit.isEmpty || stored.audit == last.counters.audit
    else {
      throw Broken("I9", "the lanes' rows are \(stored), the truth is \(truth.lanes)")
    }
  }

  /// A node has taken over what others wrote before its own batch.
  func followOthers(_ node: Node, to place: LogPlace) {
    guard place.first > node.followed + 1 else { return }
    // Nothing is decided earlier than they have.
    node.followedDecision = max(node.followedDecision, place.state.lastDecision)
    for edit in resourceEdits.reversed() where edit.sequence < place.first {
      if edit.sequence <= node.followed { break }
      if let resource = truth.resources[edit.id] {
        node.zones[edit.id] = zoneData.table(resource.timeZone, zoneVersion.value)
      }
    }
  }
}
