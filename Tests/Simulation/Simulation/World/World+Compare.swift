import Capacity
import CapacityEngine

/// Answers and writes, held against the truth one by one.
extension World {
  // MARK: Commands

  func compare(_ outcome: Outcome, _ expected: Outcome, _ letter: Letter) throws(Broken) {
    mix(outcome)
    guard !agree(outcome, expected) else { return }
    throw Broken(
      invariant(outcome, expected),
      "\(letter.request.number) \(letter.asked) is answered \(outcome), not \(expected)")
  }

  // What is broken when an answer is another than it must be.
  private func invariant(_ outcome: Outcome, _ expected: Outcome) -> String {
    switch (outcome, expected) {
    case (.reserved(_, true), _), (_, .reserved(_, true)): "I5"
    case (.reserved, .rejected): "I2"
    case (.released, _), (_, .released): "I12"
    case (.consumed, _), (.cancelled, _), (_, .consumed), (_, .cancelled): "I3"
    case (_, .extended), (.extended, _): "I4"
    default: "I7"
    }
  }

  private func agree(_ outcome: Outcome, _ expected: Outcome) -> Bool {
    switch (outcome, expected) {
    // Impacts are the API's business.
    case (.resource(let one, _), .resource(let other, _)): one == other
    case (.product(let one, _), .product(let other, _)): one == other
    case (.rejected(.lines(let one)), .rejected(.lines(let other))): agree(one, other)
    case (.rejected(.reservationExpired(let one)), .rejected(.reservationExpired(let other))):
      agree(one, other)
    default: outcome == expected
    }
  }

  private func agree(_ failures: [LineFailure], _ expected: [LineFailure]) -> Bool {
    failures.count == expected.count
      && zip(failures, expected).allSatisfy { one, other in
        one.line == other.line && agree(one.obstacle.kind, other.obstacle.kind)
      }
  }

  /// Whether two reasons are the same; what only explains them is not looked at.
  func agree(_ one: Obstacle.Kind, _ other: Obstacle.Kind) -> Bool {
    switch (one, other) {
    case (.heldByOthers(let first), .heldByOthers(let second)): first == second
    case (.cutoffPassed(let first), .cutoffPassed(let second)): first == second
    default: Obstacle(one, subject: "").rank == Obstacle(other, subject: "").rank
    }
  }

  private func mix(_ outcome: Outcome) {
    switch outcome {
    case .rejected(.lines(let failures)):
      digest.mix(failures.count)
      for failure in failures { digest.mix(failure.obstacle.rank) }
    case .rejected: digest.mix(99)
    default:
      guard let reservation = outcome.reservation else { return digest.mix(98) }
      digest.mix(reservation.number)
      digest.mix(reservation.version)
      digest.mix(reservation.expiresAt.microseconds)
    }
  }

  // MARK: Writes

  /// - Parameter changes: as they stand in the log.
  func compare(
    _ changes: ChangeSet, at decision: Instant, _ zones: Truth.Zones
  ) throws(Broken) {
    try heed()
    digest.mix(changes.counters.nextSequence)
    if truth.areLanesSeveral { try compareEnd(changes) }
    guard changes.counters.nextSequence == truth.nextSequence,
      truth.areLanesSeveral
        ? changes.counters.nextReservation <= truth.nextNumber
        : changes.counters.nextReservation == truth.nextNumber,
      changes.counters.lastDecision == decision
    else {
      throw Broken("I4", "the lane is \(changes.counters), at \(decision) \(truth.nextSequence)")
    }
    if truth.areLanesSeveral { try compareLanes(changes) }
    guard changes.events.count == truth.events.count else {
      throw Broken("I8", "events are \(changes.events), not \(truth.events)")
    }
    var sequence = truth.nextSequence - UInt64(truth.events.count)
    for (event, expected) in zip(changes.events, truth.events) {
      guard event.sequence == sequence, event.kind == expected.kind, event.at == expected.at,
        event.subject == expected.subject, event.movements == expected.movements
      else {
        throw Broken(
          event.kind == .reservationExpired ? "I4" : "I6", "event \(event) is not \(expected)")
      }
      sequence += 1
    }
    try compareRecords(changes)
    for event in changes.events where event.kind == .resourceChanged || event.kind == .stockAdjusted
    {
      if case .resource(let resource) = event.subject {
        resourceEdits.append((event.sequence, resource.id))
      }
    }
    try checkOversell(zones)
  }

  private func compareRecords(_ changes: ChangeSet) throws(Broken) {
    // What is not written now is in the log, and what was written before may come with it.
    guard changes.changedPools?.count == truth.touchedPools.count,
      changes.pools.allSatisfy({ truth.pool($0.key) == $0.value }),
      changes.counters.poolsWrittenTo < changes.counters.nextSequence
    else { throw Broken("I1", "pools are written as \(changes.pools)") }
    guard changes.reservations.count == truth.touchedReservations.count,
      changes.reservations.allSatisfy({ truth.reservation($0.number) == $0 })
    else { throw Broken("I6", "reservations are written as \(changes.reservations)") }
    guard changes.keys.count == truth.touchedKeys.count,
      changes.keys.allSatisfy({ truth.keys[$0.key] == $0.number })
    else { throw Broken("I5", "keys are written as \(changes.keys)") }
    guard changes.resources.allSatisfy({ truth.resources[$0.id] == $0 }),
      changes.products.allSatisfy({ truth.products[$0.id] == $0 })
    else { throw Broken("I11", "definitions are written as others than were put") }
  }

  // MARK: Reads

  /// What a reader was told, before anything that the same batch writes.
  func checkRead(_ letter: Letter, _ node: Node) throws(Broken) {
    if letter.failure != nil {
      node.unit?.refused.append(letter)
      if letter.failure == .storageUnavailable { node.fail() }
      return
    }
    // Questions are answered before anything of their own batch is written.
    try finishUnit(of: node)
    switch (letter.asked, letter.answer) {
    case (.read(let product, let slot, let quantity, let pools), .reading(let reading)?):
      let line = Command.RequestedLine(productID: product, slot: slot, quantity: quantity)
      try check(reading, pools, line, node)
    case (.lookUp(let number), .reservation(let reservation)?):
      guard reservation == truth(at: node.decision).reservation(number) else {
        throw Broken("I9", "\(number) is shown as \(String(describing: reservation))")
      }
    case (.list(let filter, let before, let limit), .page(let page)?):
      let truth = truth(at: node.decision)
      // A page that had to look at very many ends early, and says where.
      let expected = truth.reservations(before: before).reversed().lazy
        .filter { filter.matches($0) && $0.number >= page.next ?? 0 }.prefix(limit)
      guard page.reservations.elementsEqual(expected) else {
        throw Broken("I9", "a list is \(page.reservations)")
      }
    default: break
    }
  }

  // What is true at an instant: a hold that has run out is out, whether or not that is written.
  func truth(at instant: Instant) -> Truth {
    guard let next = truth.nextExpiry, next <= instant else { return truth }
    var later = truth
    later.expire(at: instant)
    return later
  }

  private func check(
    _ reading: Reading, _ pools: [PoolKey], _ line: Command.RequestedLine, _ node: Node
  ) throws(Broken) {
    digest.mix(reading.position)
    noteDecision(reading.asOf, node)
    guard reading.asOf >= node.lastAsOf, reading.position >= node.lastPosition,
      reading.asOf == node.decision || disk.isShared && reading.asOf < node.decision
    else {
      throw Broken("I4", "a reader is told \(reading.asOf), it is \(node.decision)")
    }
    (node.lastAsOf, node.lastPosition) = (reading.asOf, reading.position)
    guard reading.position == (node.isBehind ? reading.position : node.followed),
      reading.position < truth.nextSequence
    else {
      throw Broken(
        "I8",
        "a reader of node \(node.index) is told event \(reading.position), not \(node.followed)")
    }
    // What others have written since is not known here yet.
    guard !node.isBehind, node.followed == truth.nextSequence - 1 else { return }
    let truth = truth(at: reading.asOf)
    for key in pools {
      let view = PoolView(pool: truth.pool(key), nextExpiry: truth.nextExpiry(of: key))
      guard reading.views[key] == view else {
        let shown = String(describing: reading.views[key])
        throw Broken("I4", "\(key) is shown as \(shown), not \(view)")
      }
    }
    try checkSale(line, reading, truth, node)
  }

  // What is said to be sellable can be reserved, and the reverse.
  private func checkSale(
    _ line: Command.RequestedLine, _ reading: Reading, _ truth: Truth, _ node: Node
  ) throws(Broken) {
    let found = SlotPlan.find(
      productID: line.productID, slotID: line.slot, in: reading.catalogue, at: reading.asOf)
    let said: Obstacle.Kind?
    switch found {
    case .obstacle(let obstacle): said = obstacle.kind
    case .plan(let plan):
      // A definition may have changed since the question was put.
      guard plan.pools.allSatisfy({ reading.views[$0] != nil }) else { return }
      let views = plan.pools.map { reading.views[$0] ?? .untouched }
      let evaluator = Evaluator(plan, at: reading.asOf)
      said = evaluator.obstacles(quantity: line.quantity, views: views).first?.kind
      let availability = evaluator.availability(quantity: line.quantity, views: views)
      guard availability.isSellable == (said == nil) else {
        throw Broken("I7", "\(line) is \(availability) and \(String(describing: said))")
      }
    }
    let judged = truth.judge([line], for: nil, node.zones, reading.asOf).failures.first
    let expected = judged?.obstacle.kind
    digest.mix(judged?.obstacle.rank ?? -1)
    let isSame =
      switch (said, expected) {
      case (nil, nil): true
      case (let said?, let expected?):
        Obstacle(said, subject: "").rank == Obstacle(expected, subject: "").rank
      default: false
      }
    guard isSame else {
      throw Broken(
        "I7",
        "\(line) is listed as \(String(describing: said)), reserving says \(String(describing: expected))"
      )
    }
  }
}
