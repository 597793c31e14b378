import Capacity
import CapacityAPI
import CapacityEngine
import CupoSchema
import Protobuf

/// Watchers: what they put together from snapshots and deltas is what there is.
extension World {
  private static let messagesMax = 400

  /// The products that are watched.
  var watched: [String] { (0..<min(2, swarm.products)).map { "p\($0)" } }
  private var lastWatchedDay: Int64 { World.beginning / 86_400 + 2 }

  /// A node's pump looks, its watchers hear of it, and some come or go.
  func look() throws(Broken) {
    let node = dice.pick(nodes)
    guard let engine = node.engine else { return }
    try turn(node)
    let before = engine.engine.position
    let clockBefore = engine.engine.now()
    if let watch = node.watch {
      // A pump that has ended is begun anew.
      if try !finish(node, { await watch.look() }) { node.watch = nil }
    }
    if node.watch == nil {
      let watch = newWatch(engine)
      guard try finish(node, { await watch.begin() }) else { return }
      node.watch = watch
    }
    guard let watch = node.watch else { return }
    for index in watchers.indices where watchers[index].home == node.index {
      try serve(&watchers[index].watcher, watch, node)
    }
    // A pump learns of an instant that was decided at when it reads; where the clock went back meanwhile that is later.
    let isLate = !disk.isShared && node.decision > node.clock.now
    // What became known only while it looked is for the next look: it has been nudged.
    let isMore = engine.engine.position != before
    if dice.once(in: 4), !isLate, !isMore { try compareWatch(node, engine, clockBefore) }
  }

  private func newWatch(_ engine: SteppedEngine) -> SteppedWatch {
    SteppedWatch(
      productIDs: watched, toDate: Spelling.day(lastWatchedDay).text, engine: engine.engine)
  }

  private func serve(
    _ watcher: inout Watcher, _ watch: SteppedWatch, _ node: Node
  ) throws(Broken) {
    if dice.once(in: 6) {
      watcher.reader = nil
      if !watcher.memories.isEmpty { watcher.memory = dice.pick(watcher.memories) }
    }
    if watcher.reader == nil {
      let token = watcher.memory.token
      let found = try finish(node) { await watch.reader(token: token) }
      if found == nil || token.isEmpty { watcher.forget() }
      watcher.reader = found
    }
    guard var reader = watcher.reader else { return }
    // A slow one reads a message or two and is told the rest later.
    var left = dice.once(in: 4) ? 1 + dice.below(2) : Self.messagesMax
    while left > 0 {
      left -= 1
      switch watch.next(&reader) {
      case .message(let bytes):
        digest.mix(bytes.count)
        if planted == .deafWatcher, dice.once(in: 7) { continue }
        try watcher.take(bytes)
      case .upToDate:
        watcher.reader = reader
        return try compareWatcher(watcher, watch, node)
      case .compacted:
        return watcher.forget()
      }
    }
    watcher.reader = reader
  }

  // Who has been told everything knows what the watch shows to a newcomer.
  private func compareWatcher(
    _ watcher: Watcher, _ watch: SteppedWatch, _ node: Node
  ) throws(Broken) {
    guard let snapshot = try snapshot(of: watch, node) else { return }
    try compare(watcher.memory.slots, snapshot, "what a watcher has put together")
  }

  // What the pump has kept up is what a look at everything finds.
  private func compareWatch(
    _ node: Node, _ engine: SteppedEngine, _ clock: Instant
  ) throws(Broken) {
    guard let watch = node.watch else { return }
    let position = engine.engine.position
    let kept = try snapshot(of: watch, node)
    let fresh = newWatch(engine)
    guard try finish(node, { await fresh.begin() }), engine.engine.position == position else {
      return
    }
    // Nor does it learn before it reads that the store's clock was set.
    guard engine.engine.now() == clock else { return }
    guard let kept, let found = try snapshot(of: fresh, node) else { return }
    try compare(kept, found, "a watch at event \(position)")
    guard !node.isBehind, node.followed == truth.nextSequence - 1 else { return }
    try compareWithTruth(found, node)
  }

  private func snapshot(
    of watch: SteppedWatch, _ node: Node
  ) throws(Broken) -> [String: [UInt8]]? {
    guard var reader = try finish(node, { await watch.reader(token: []) }) else { return nil }
    var newcomer = Watcher()
    while case .message(let bytes) = watch.next(&reader) { try newcomer.take(bytes) }
    return newcomer.memory.slots
  }

  private func compare(
    _ slots: [String: [UInt8]], _ expected: [String: [UInt8]], _ what: String
  ) throws(Broken) {
    guard slots != expected else { return }
    for name in Set(slots.keys).union(expected.keys).sorted() where slots[name] != expected[name] {
      throw Broken("I8", "\(what): \(name) is \(text(slots[name])), not \(text(expected[name]))")
    }
  }

  private func text(_ bytes: [UInt8]?) -> String {
    guard let bytes else { return "not there" }
    do throws(DecodingError) {
      return "\(try SlotAvailability(decoding: bytes.span))"
    } catch {
      return "damaged"
    }
  }

  // MARK: The truth of it

  private func compareWithTruth(_ slots: [String: [UInt8]], _ node: Node) throws(Broken) {
    for productID in watched {
      guard let product = truth.products[productID],
        let resource = truth.resources[product.draws[0].resourceID],
        let zone = node.zones[resource.id]
      else { continue }
      for spelling in spellings(resource, zone, node.decision) {
        let name = "\(productID) \(spelling.text)"
        truth.spellings[spelling.text] = spelling
        guard let bytes = slots[name] else { throw Broken("I10", "\(name) is not shown") }
        try compare(bytes, product, spelling, node)
      }
    }
  }

  private func spellings(
    _ resource: Capacity.Resource, _ zone: ZoneTable, _ now: Instant
  ) -> [Spelling] {
    let today = zone.day(at: now.seconds)
    guard today <= lastWatchedDay else { return [] }
    switch resource.inventory {
    case .stock: return [.stock]
    case .daily: return (today...lastWatchedDay).map { .day($0) }
    case .slots:
      return (today...lastWatchedDay).flatMap { day in
        truth.starts(resource, zone, day).map {
          .start(second: $0, offset: zone.offset(at: $0))
        }
      }
    }
  }

  private func compare(
    _ bytes: [UInt8], _ product: Capacity.Product, _ spelling: Spelling, _ node: Node
  ) throws(Broken) {
    let line = Command.RequestedLine(
      productID: product.id, slot: spelling.text, quantity: max(1, product.limits.minQuantity))
    let failures = truth(at: node.decision)
      .judge([line], for: nil, node.zones, node.decision).failures
    let isSellable: Bool
    do throws(DecodingError) {
      let slot = try SlotAvailability(decoding: bytes.span)
      isSellable = slot.status == .available || slot.status == .limited
    } catch {
      throw Broken("I8", "a slot is damaged")
    }
    guard isSellable == failures.isEmpty else {
      throw Broken("I7", "\(line) is watched as \(text(bytes)), reserving says \(failures)")
    }
  }

  // MARK: Tasks

  /// Runs a task to its end: what it asks of the node is answered in turns of the node's.
  private func finish<Value: Sendable>(
    _ node: Node, _ body: @escaping @Sendable () async -> Value
  ) throws(Broken) -> Value {
    let outlet = Outlet<Value>()
    Task(executorPreference: executor) { outlet.put(await body()) }
    for _ in 0..<10_000 {
      executor.run()
      if let value = outlet.value { return value }
      try turn(node)
      node.engine?.answerReaders()
    }
    throw Broken("I8", "a watch waits for what never comes")
  }
}
