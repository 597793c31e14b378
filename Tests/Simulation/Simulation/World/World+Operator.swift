import Capacity
import CapacityEngine

/// What happens to the nodes and their store.
extension World {
  func boot(_ node: Node) throws(Broken) {
    setClocks()
    disk.faults.removeAll()
    if nodes.allSatisfy({ !$0.isUp }) { try compareEverything("before a start") }
    let (data, version, clock, planted) = (zoneData, zoneVersion, node.clock, self.planted)
    let isWrong = planted == .wrongZone
    let committer = swarm.ahead.map { _ in StepCommitter() }
    do throws(StorageError) {
      let storage = SimulatedStorage(disk, node.diary)
      node.engine = try SteppedEngine(
        storage: storage, waitingMax: swarm.waitingMax,
        retention: EventRetention(
          maxAge: Interval(seconds: swarm.retentionSeconds), eventsPerStep: 64),
        sweepLimits: sweepLimits,
        ahead: committer.map { .init(committer: $0, caution: swarm.ahead?.caution ?? 1) },
        clock: { planted?.clock(clock.now) ?? clock.now },
        zone: { data.zone($0, isWrong ? 1 - version.value : version.value) })
      node.storage = storage
      node.committer = committer
      committer?.decided = { [diary = node.diary] in diary.add(.decided($0)) }
    } catch {
      throw Broken("I9", "a whole store cannot be opened: \(error)")
    }
    _ = node.diary.take()
    readAnew(node)
    node.followed = truth.nextSequence - 1
    node.decision = disk.contents.counters.lastDecision
    say("node \(node.index) starts")
  }

  /// The node's memory is the store's again, with the zone data of today.
  func readAnew(_ node: Node) {
    node.zones.removeAll()
    for resource in truth.resources.values {
      node.zones[resource.id] = zoneData.table(resource.timeZone, zoneVersion.value)
    }
  }

  func crash() throws(Broken) {
    let node = dice.pick(nodes)
    guard node.isUp else { return }
    switch dice.below(3) {
    case 0: break
    case 1: node.storage?.diesAt = .beforeWriting
    default: node.storage?.diesAt = .afterWriting
    }
    say("node \(node.index) crashes, \(node.storage?.diesAt.map { "\($0)" } ?? "at once")")
    if node.storage?.diesAt != nil {
      if dice.once(in: 2) { try carryOut(node) }
      try turn(node)
      try carryOut(node)
    }
    orphan(node)
    node.forget()
    for index in watchers.indices where watchers[index].home == node.index {
      watchers[index].watcher.reader = nil
    }
    guard !disk.isShared || dice.once(in: 3) else { return }
    disk.crash()
    orphans.removeAll()
    say("the store as well")
    try compareEverything("after a crash")
  }

  func breakStore() {
    let fault = dice.pick(swarm.faults)
    say("next: \(fault)")
    disk.faults.insert(fault)
    if fault == .conflict { disk.conflictsLeft = 1 + dice.below(7) }
  }

  func fillDisk() {
    disk.isFull.toggle()
    say(disk.isFull ? "the disk is full" : "the disk has room again")
  }

  func swapZones() {
    zoneVersion.value = 1 - zoneVersion.value
    say("zone data \(zoneVersion.value)")
  }

  // MARK: Time

  func tick() throws(Broken) {
    let next =
      (truth.areLanesSeveral
      ? truth.nextExpiry(after: Instant(microseconds: now)) : truth.nextExpiry)?.microseconds
    if let ahead = swarm.ahead, !dice.once(in: 8) {
      now += dice.from(1, to: ahead.tickMax)
    } else if let next, next > now, dice.once(in: 3) {
      // Exactly to the end of a hold, or to just before it.
      now = dice.once(in: 2) ? next : next - 1
    } else {
      now += dice.from(1, to: dice.once(in: 4) ? 5_000_000 : 200_000)
    }
    setClocks()
    say("it is \(now)")
  }

  func jump() throws(Broken) {
    now += dice.from(600, to: 5 * 3600) * 1_000_000
    setClocks()
    say("it is \(now)")
  }

  func stepClock() {
    let skew = dice.once(in: 3) ? 0 : dice.from(-120, to: 120) * 1_000_000
    let node = dice.pick(nodes)
    if disk.isShared, dice.once(in: 2) { storeSkew = skew } else { node.skew = skew }
    for node in nodes { node.isClockKnown = false }
    setClocks()
    say("the clock of \(node.index) is \(node.skew) off, the store's \(storeSkew)")
  }

  // MARK: The log

  func shorten() throws(Broken) {
    // One of them does it.
    guard let engine = nodes[0].engine else { return }
    let before = disk.contents.checkpoint.sequence
    engine.shortenLog()
    let after = disk.contents.checkpoint
    digest.mix(after.sequence)
    guard after.sequence >= before, after.sequence < truth.nextSequence else {
      throw Broken("I1", "the checkpoint went from \(before) to \(after.sequence)")
    }
  }

  /// Whoever follows the log gets every event once and in order, and none that is not durable.
  func follow() throws(Broken) {
    let floor = disk.contents.checkpoint.sequence
    if readThrough < floor, disk.contents.events.first?.sequence ?? floor + 1 > readThrough + 1 {
      readThrough = floor
    }
    for event in disk.contents.events(after: readThrough, limit: 64) {
      guard event.sequence == readThrough + 1 else {
        throw Broken("I8", "event \(event.sequence) follows \(readThrough)")
      }
      readThrough = event.sequence
    }
    guard readThrough < truth.nextSequence else {
      throw Broken("I8", "event \(readThrough) was read and never acknowledged")
    }
  }
}
