import Capacity
import MemoryStorage
import SeededRandom
import Synchronization
import Testing

@testable import CapacityEngine

/// Random walks of several nodes on one store of several lanes: most callers come to the node of their seller, some do not, and some want
/// something of several sellers at once.
struct LanesWalkTests {
  @Test func nodesAgreeWhateverHappens() throws {
    var random = SplitMix("lanes walk")
    var counts = LaneMarket.Counts()
    for _ in 0..<60 {
      var market = try LaneMarket(&random)
      for _ in 0..<300 { try market.step(&random) }
      try market.finish(&counts)
    }
    // Else nothing of it was tried.
    #expect(counts.ahead > 120 && counts.overtaken > 50, "\(counts)")
    #expect(counts.granted > 1_000 && counts.shared > 100, "\(counts)")
  }
}

/// Nodes on one store, and what callers were told.
private struct LaneMarket {
  struct Counts {
    /// Batches that were decided while another was written.
    var ahead = 0
    /// Batches behind which others had come.
    var overtaken = 0
    var granted = 0
    /// Of several lanes.
    var shared = 0
  }

  private static let sellers = (0..<6).map { "seller-\($0)" }
  private static let pools = sellers.map { PoolKey(resourceID: "hall of \($0)", ordinal: 0) }

  private let clock = ManualClock()
  private let store: MemoryStore
  private let nodes: [Node]
  // Reads what is stored, and meets no faults.
  private let observer: MemoryStorage
  private let told = Told()
  // How many go where their seller's others go, for one that does not.
  private let loyalty: Int
  private var counts = Counts()

  private final class Told: Sendable {
    struct Content {
      var asked = 0
      var answered = 0
      var granted: [UInt64: IdempotencyKey] = [:]
      var contradictions = 0
    }

    let content = Mutex(Content())

    func add(_ result: Result<Outcome, EngineError>) {
      content.withLock { content in
        content.answered += 1
        guard case .success(.reserved(let reservation, _)) = result else { return }
        let before = content.granted.updateValue(reservation.key, forKey: reservation.number)
        if let before, before != reservation.key { content.contradictions += 1 }
      }
    }
  }

  init(_ random: inout SplitMix) throws {
    let lanes = Int.random(in: 2...5, using: &random)
    loyalty = [12, 60, 300][Int.random(in: 0..<3, using: &random)]
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7), lanes: lanes)
    let clock = clock
    self.store = store
    observer = try MemoryStorage(sharing: store, clock: { clock.now })
    nodes = try (0..<3).map { _ in try Node(store, clock, decidesAhead: true) }
    if Bool.random(using: &random) {
      for node in nodes {
        node.lane.set.sweepLimits = PoolSweep.Limits(
          atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1)
      }
    }
    for node in nodes {
      node.lane.shared.aboutOthers = Array(repeating: Caution(batches: 3), count: lanes)
      node.lane.shared.aboutKeys = Caution(batches: 3)
    }
    for seller in Self.sellers { _ = nodes[0].turn([Self.hall(seller, 12), Self.ticket(seller)]) }
  }

  mutating func step(_ random: inout SplitMix) throws {
    let index = Int.random(in: nodes.indices, using: &random)
    let node = nodes[index]
    if Int.random(in: 0..<60, using: &random) == 0 { arm(node, &random) }
    if Int.random(in: 0..<12, using: &random) == 0 {
      clock.advance(Int64.random(in: 0...20, using: &random))
    }
    if Int.random(in: 0..<400, using: &random) == 0 {
      store.setLanes(Int.random(in: 1...5, using: &random))
    }
    let commands = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      command(of: index, &random)
    }
    told.content.withLock { $0.asked += commands.count }
    let last = store.present.last
    var work = commands.map { command in Work.command(command) { [told] in told.add($0) } }
    let reading = Box<Result<Reading, EngineError>>(1)
    if Int.random(in: 0..<20, using: &random) == 0 {
      work.append(.read(ReadQuery(pools: Self.pools)) { reading.put($0, 0) })
    }
    node.lane.turn(work)
    let moreWaits = Bool.random(using: &random)
    node.lane.moveOn { moreWaits }
    if let seen = try? reading.values.first?.get() { try check(seen) }
    if node.lane.written != nil { counts.ahead += 1 }
    if let known = node.lane.written?.changes?.firstSequence, known <= last {
      counts.overtaken += 1
    }
    if Bool.random(using: &random) { nodes.randomElement(using: &random)?.committer?.step() }
  }

  func finish(_ counts: inout Counts) throws {
    for node in nodes {
      node.faults.disarm()
      node.lane.settleAll()
    }
    try Agreement.check(nodes, clock)
    let content = told.content.withLock { $0 }
    #expect(content.asked == content.answered)
    #expect(content.contradictions == 0)
    let stored = try observer.reservations(after: 0, limit: 100_000, holdingOnly: false)
    let keys = Dictionary(uniqueKeysWithValues: stored.map { ($0.number, $0.key) })
    for (number, key) in content.granted { #expect(keys[number] == key) }
    let events = try observer.events(after: 0, limit: 100_000)
    #expect(events.map(\.sequence) == (1...UInt64(events.count)).map { $0 })
    for node in nodes { checkHub(node, events) }
    checkOwners(events)
    counts.ahead += self.counts.ahead
    counts.overtaken += self.counts.overtaken
    counts.granted += content.granted.count
    let set = nodes[0].lane.set
    counts.shared += stored.count { set.lanes(of: $0).count > 1 }
  }

  private func checkOwners(_ events: [Event]) {
    var owners: [String: String] = [:]
    for event in events {
      guard case .resource(let resource) = event.subject else { continue }
      let owner = owners.updateValue(resource.sellerID, forKey: resource.id)
      #expect(owner == nil || owner == resource.sellerID, "\(resource.id) has changed hands")
    }
  }

  // Whoever comes back hears of every pool that has changed.
  private func checkHub(_ node: Node, _ events: [Event]) {
    #expect(node.hub.position == UInt64(events.count))
    // Of definitions watchers hear in another way.
    let sold = events.map { (event: Event) -> [PoolKey] in
      guard case .reservation = event.subject else { return [] }
      return event.movements.map(\.pool)
    }
    let pools = Set(sold.joined()).sorted()
    for position in stride(from: node.hub.floor, through: node.hub.position, by: 7) {
      let moved = Set(sold[Int(position)...].joined())
      let told = node.hub.changed(since: position, among: pools[...])
      #expect(moved.isSubset(of: told ?? []), "since \(position)")
    }
  }

  // Whoever looks sees every pool as the log has it up to there, and nothing that has run out.
  private func check(_ seen: Reading) throws {
    var fresh = WorkingSet()
    for event in try observer.events(after: 0, limit: Int(seen.position)) {
      let isFollowed = fresh.follow(event, zone: { _ in .utc })
      #expect(isFollowed)
    }
    _ = Ledger.expire(&fresh, at: fresh.decide(at: seen.asOf), limit: .max)
    for pool in Self.pools {
      let (told, known) = (seen.views[pool]?.pool, fresh.view(pool).pool)
      #expect(told?.held == known.held && told?.consumed == known.consumed)
    }
  }

  private func arm(_ node: Node, _ random: inout SplitMix) {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: node.faults.arm(.fail(Faults.full), at: .commit)
    case 1: node.faults.arm(.writeThenFail(Faults.full), at: .commit)
    case 2: node.faults.arm(.fail(StorageError(.conflict, "test")), at: .begin)
    default: node.faults.arm(.fail(Faults.full), at: .begin)
    }
  }

  // MARK: Commands

  private func command(of node: Int, _ random: inout SplitMix) -> Command {
    // Most go where their seller's others go.
    let own = (0..<2).map { Self.sellers[node * 2 + $0] }
    let seller =
      Int.random(in: 0..<loyalty, using: &random) == 0
      ? Self.sellers.randomElement(using: &random) : own.randomElement(using: &random)
    let first = seller ?? own[0]
    let number = UInt64.random(in: 1...200, using: &random)
    return switch Int.random(in: 0..<40, using: &random) {
    case 0..<22: reserve([first], &random)
    case 22..<24:
      reserve(
        [
          first,
          (Int.random(in: 0..<loyalty, using: &random) < 6 ? Self.sellers : own)[
            Int.random(in: 0..<2, using: &random)],
        ],
        &random)
    case 24..<31: Shop.consume(number)
    case 31..<36: Shop.release(number)
    case 36: Self.hall(first, Int64.random(in: 5...20, using: &random))
    case 37 where loyalty < 60:
      Bool.random(using: &random)
        ? disputed(&random) : Self.hall("seller-\(Int.random(in: 0..<12, using: &random))", 3)
    default: reserve([first], again: true, &random)
    }
  }

  // An id that several sellers want.
  private func disputed(_ random: inout SplitMix) -> Command {
    .putResource(
      Command.PutResource(
        resource: Resource(
          id: "disputed \(Int.random(in: 0..<9, using: &random))",
          sellerID: Self.sellers.randomElement(using: &random) ?? "",
          inventory: .stock(total: .units(3))),
        zone: .utc, scope: .anyone, actor: "ana"))
  }

  private func reserve(
    _ sellers: [String], again: Bool = false, _ random: inout SplitMix
  ) -> Command {
    let key = again ? "again" : "k\(Int.random(in: 0..<3_000, using: &random))"
    let lines = sellers.map {
      Command.RequestedLine(productID: "ticket of \($0)", slot: "", quantity: 1)
    }
    return .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key), lines: lines,
        ttl: Interval(seconds: Int64.random(in: 5...40, using: &random)), reference: "",
        actor: "bea"))
  }

  private static func hall(_ seller: String, _ units: Int64) -> Command {
    .putResource(
      Command.PutResource(
        resource: Resource(
          id: "hall of \(seller)", sellerID: seller, inventory: .stock(total: .units(units))),
        zone: .utc, actor: "ana"))
  }

  private static func ticket(_ seller: String) -> Command {
    .putProduct(
      Command.PutProduct(
        product: Product(
          id: "ticket of \(seller)", sellerID: seller,
          draws: [Draw(resourceID: "hall of \(seller)")]),
        actor: "ana"))
  }
}
