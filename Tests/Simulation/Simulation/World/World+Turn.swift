import Capacity
import CapacityEngine

/// A node takes what waits for it, and everything that it says and writes is held against the truth.
extension World {
  func turn(_ node: Node) throws(Broken) {
    guard let engine = node.engine else { return }
    let letters = node.waiting
    node.waiting.removeAll(keepingCapacity: true)
    node.urgentCount = 0
    disk.acts.removeAll(keepingCapacity: true)
    let isDying = disk.diesAt != nil
    engine.turn()
    say("the node takes \(letters.map { "\($0.request.number)\($0.failure.map { " \($0)" } ?? "")" })")
    say("the store: \(disk.acts)")
    var rest = letters[...]
    var acts = disk.acts[...]
    repeat {
      let count = portion(of: rest)
      try check(Array(rest.prefix(count)), &acts, node)
      rest = rest.dropFirst(count)
    } while !rest.isEmpty
    try compareRows()
    guard acts.isEmpty else { throw Broken("I9", "the node wrote what nobody asked for: \(acts)") }
    guard !isDying else { return }
    for letter in letters {
      guard letter.answersCount == 1 else {
        throw Broken("I6", "\(letter.request.number) was answered \(letter.answersCount) times")
      }
      mail.append(.answer(letter))
    }
    try checkAlarm(node, engine)
    guard !node.isUncertain else { return }
    try checkHub(engine)
  }

  // What the others need of buyers depends on a command that changes the limits: it goes alone.
  private func portion(of letters: ArraySlice<Letter>) -> Int {
    let border = letters.firstIndex { letter in
      guard case .command(.putProduct(let put)) = letter.asked else { return false }
      let limits = put.product.limits
      let present = truth.products[put.product.id]?.limits ?? PurchaseLimits()
      return (limits.maxHeldPerBuyer > 0 || limits.maxPerBuyerPerDay > 0)
        != (present.maxHeldPerBuyer > 0 || present.maxPerBuyerPerDay > 0)
    }
    return border.map { max(1, $0 - letters.startIndex) } ?? letters.count
  }

  // Whoever sleeps until the next hold ends must be woken at that instant.
  private func checkAlarm(_ node: Node, _ engine: SteppedEngine) throws(Broken) {
    let alarm = engine.nextTurn
    if node.isStorageDown { return }
    let expected = truth.nextExpiry.map { max($0, node.restsUntil) }
    guard alarm == expected else {
      throw Broken(
        "I4", "the node wakes at \(String(describing: alarm)), not \(String(describing: expected))")
    }
  }

  private func checkHub(_ engine: SteppedEngine) throws(Broken) {
    let position = truth.nextSequence - 1
    guard engine.engine.position == position, engine.engine.events.position == position else {
      throw Broken(
        "I8", "watchers are told of event \(engine.engine.position), the last is \(position)")
    }
  }

  // MARK: One batch

  private func check(
    _ letters: [Letter], _ acts: inout ArraySlice<Disk.Act>, _ node: Node
  ) throws(Broken) {
    let wasUncertain = node.isUncertain
    if case .reread? = acts.first {
      acts.removeFirst()
      readAnew(node)
      node.isUncertain = false
    }
    node.decision = max(node.decision, node.clock.now)
    let now = node.decision
    let batch = Batch(letters, at: now)
    let isDue = truth.nextExpiry.map { $0 <= now } ?? false
    let fate = batch.fate(
      acts, goesToStore: isDue || node.isStorageDown || wasUncertain, storeIsDead: disk.isDead)
    switch fate {
    case .done: try done(batch, &acts, node)
    case .failed:
      let act = acts.popFirst()
      try failed(batch, act, node)
    }
  }

  private func failed(
    _ batch: Batch, _ act: Disk.Act?, _ node: Node
  ) throws(Broken) {
    node.restsUntil = node.clock.now + Interval(microseconds: 200_000)
    node.isStorageDown = true
    var memory = truth
    memory.begin()
    memory.expire(at: batch.now)
    // What it had not been told was written is not in its memory.
    let isStale = node.isUncertain
    if !isStale { try checkReads(batch, memory, node) }
    node.isUncertain = true
    guard case .written(let changes, _)? = act else { return }
    // Nobody was told, and it is true all the same.
    truth.begin()
    truth.expire(at: batch.now)
    for letter in batch.inOrder {
      if case .command(let command) = letter.asked {
        var zones = node.zones
        _ = truth.execute(command, &zones, batch.now)
      }
    }
    try compare(changes, batch, node)
  }

  private func done(
    _ batch: Batch, _ acts: inout ArraySlice<Disk.Act>, _ node: Node
  ) throws(Broken) {
    node.isUncertain = false
    truth.begin()
    truth.expire(at: batch.now)
    try checkReads(batch, truth, node)
    for letter in batch.inOrder {
      guard case .command(let command) = letter.asked else { continue }
      commands += 1
      let expected = truth.execute(command, &node.zones, batch.now)
      guard case .outcome(let outcome)? = letter.answer else {
        throw Broken("I9", "\(letter.request.number) is answered \(letter.said)")
      }
      try compare(outcome, expected, letter)
    }
    guard !truth.events.isEmpty || node.isStorageDown else { return }
    guard case .written(let changes, true)? = acts.popFirst() else {
      throw Broken("I9", "acknowledged and not written: \(truth.events)")
    }
    node.isStorageDown = false
    try compare(changes, batch, node)
  }
}
