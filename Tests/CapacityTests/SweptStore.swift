import Capacity
import SeededRandom
import Testing

/// Nodes that decide on one store of rows and a log, as adapters have it: each follows the log before its batch, and what it
/// commits is what the store takes. Rows and log together must be what the nodes know, whatever was written when.
struct SweptStore {
  static let resourcesCount = 12

  private(set) var counters = StoreCounters()
  private(set) var rows: [PoolKey: Pool] = [:]
  private(set) var events: [Event] = []
  private var reservations: [UInt64: Reservation] = [:]
  private(set) var nodes: [WorkingSet] = []
  private(set) var differences: [String] = []
  /// How often a commit left rows behind.
  private(set) var laggingCount = 0
  private let limits: PoolSweep.Limits
  private var random: SplitMix
  private var now = instant("2026-12-01T12:00:00")
  private var keysCount = 0

  init(seed: UInt64, nodes count: Int, _ limits: PoolSweep.Limits) {
    random = SplitMix(seed: seed)
    self.limits = limits
    nodes = (0..<count).map { _ in WorkingSet() }
    for index in nodes.indices { nodes[index].sweepLimits = limits }
    for index in 0..<Self.resourcesCount {
      execute(.putResource(.init(resource: stock("r\(index)", 40), zone: .utc, actor: "ana")), 0)
      let product = product("p\(index)", Draw(resourceID: "r\(index)"))
      execute(.putProduct(.init(product: product, actor: "ana")), 0)
      commit(0)
    }
  }

  /// One batch of one of the nodes, or a new start of it.
  mutating func step() {
    let node = Int.random(in: nodes.indices, using: &random)
    if chance(20) { restart(node) }
    follow(node)
    if chance(3) { now = now + Interval(seconds: .random(in: 1...40, using: &random)) }
    let decided = nodes[node].decide(at: now)
    while Ledger.expire(&nodes[node], at: decided, limit: 5) == .more {}
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      sell(node)
      // Told in between, as if somebody wanted to see what there is so far.
      if chance(9) { _ = nodes[node].changes() }
    }
    let before = counters.poolsWrittenTo
    if chance(4) {
      if chance(2) { _ = nodes[node].changes() }
      nodes[node].rollBack()
    } else {
      commit(node)
    }
    expect(counters.poolsWrittenTo >= before, "the promise went back")
    check(node)
  }

  /// Sells nothing new until all rows are written, which must not take for ever.
  mutating func settle() {
    for _ in 0..<Self.resourcesCount * 4 + limits.atOnceMax {
      follow(0)
      commit(0)
    }
    expect(nodes[0].unwrittenPoolsCount == 0, "rows are never written")
    expect(counters.poolsWrittenTo == counters.nextSequence - 1, "the promise stays behind")
    check(0)
    for (key, row) in rows { expect(row == recovered[key], "\(key) was written and is \(row)") }
  }

  // MARK: What nodes do

  private mutating func execute(_ command: Command, _ node: Int) {
    _ = Ledger.execute(command, on: &nodes[node], at: nodes[node].decide(at: now))
  }

  private mutating func sell(_ node: Int) {
    // A few are hot.
    let most = chance(2) ? 2 : Self.resourcesCount - 1
    let product = "p\(Int.random(in: 0...most, using: &random))"
    keysCount += 1
    let key = IdempotencyKey(buyerID: "bea", key: "k\(keysCount)")
    guard chance(3), nodes[node].counters.nextReservation > 1 else {
      return execute(
        .reserve(
          .init(
            key: key, lines: [line(product)], ttl: Interval(seconds: 30), reference: "",
            actor: "bea")), node)
    }
    let number = UInt64.random(in: 1..<nodes[node].counters.nextReservation, using: &random)
    if !nodes[node].holdsRecord(number), let stored = reservations[number] {
      nodes[node].load(stored)
    }
    let resolve = Command.Resolve(number: number, scope: .anyone, actor: "che")
    execute(chance(2) ? .consume(resolve) : .release(resolve), node)
  }

  private mutating func commit(_ node: Int) {
    let changes = nodes[node].changes()
    let again = nodes[node].changes()
    expect(
      again.pools == changes.pools && again.counters == changes.counters, "it is told another time")
    let swept = changes.pools.keys.count { !(changes.newPools ?? []).contains($0) }
    if nodes[node].unwrittenPoolsCount > 0 {
      laggingCount += 1
      let most = max(limits.rowsMin, changes.events.count / limits.eventsPerRow)
      expect(swept <= most, "\(swept) rows at once")
    }
    for key in changes.newPools ?? [] { expect(changes.pools[key] != nil, "\(key) has no row") }
    counters = changes.counters
    rows.merge(changes.pools) { $1 }
    events += changes.events
    for reservation in changes.reservations { reservations[reservation.number] = reservation }
    nodes[node].commit()
  }

  private mutating func follow(_ node: Int) {
    let missed = events.filter { $0.sequence >= nodes[node].counters.nextSequence }
    for event in missed {
      expect(nodes[node].follow(event) { _ in .utc }, "\(event.sequence) cannot be followed")
    }
    nodes[node].follow(counters)
  }

  private mutating func restart(_ node: Int) {
    var fresh = WorkingSet(counters: counters)
    fresh.sweepLimits = limits
    for resource in nodes[node].catalogue.resources { fresh.load(resource.resource, zone: .utc) }
    for product in nodes[node].catalogue.products { fresh.load(product) }
    for (key, pool) in recovered { fresh.load(pool, for: key, isWritten: rows[key] == pool) }
    for reservation in reservations.values where reservation.isHolding { fresh.load(reservation) }
    nodes[node] = fresh
  }

  // MARK: What must be

  /// The rows, and what the log says behind the promise.
  private var recovered: [PoolKey: Pool] {
    var pools = rows
    for event in events where event.sequence > counters.poolsWrittenTo {
      for movement in event.movements
      where movement.balance.revision > pools[movement.pool]?.revision ?? 0 {
        pools[movement.pool] = movement.balance
      }
    }
    return pools
  }

  private mutating func check(_ node: Int) {
    var known = nodes[node]
    guard known.counters.nextSequence == counters.nextSequence else { return }
    let pools = recovered
    for index in 0..<Self.resourcesCount {
      let key = PoolKey(resourceID: "r\(index)", ordinal: 0)
      let view = known.view(key).pool
      expect(
        pools[key] ?? .untouched == view, "\(key) is \(String(describing: pools[key])): \(view)")
    }
  }

  private mutating func expect(_ isTrue: Bool, _ text: @autoclosure () -> String) {
    if !isTrue { differences.append(text()) }
  }

  private mutating func chance(_ many: Int) -> Bool {
    Int.random(in: 0..<many, using: &random) == 0
  }
}
