import Capacity
import Logging
import MemoryStorage
import Testing

@testable import CapacityEngine

/// Pools whose rows are behind the log: what lanes and the retention make of it.
struct LaggingPoolsTests {
  private static let limits = PoolSweep.Limits(
    atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1)
  private static let halls = 6

  private static func hall(_ index: Int) -> [Command] {
    let (hall, ticket) = ("hall-\(index)", "ticket-\(index)")
    return [
      .putResource(
        Command.PutResource(
          resource: Resource(
            id: hall, sellerID: "sol", inventory: .stock(total: .units(100))),
          zone: .utc, actor: "ana")),
      .putProduct(
        Command.PutProduct(
          product: Product(id: ticket, sellerID: "sol", draws: [Draw(resourceID: hall)]),
          actor: "ana")),
    ]
  }

  private static func reserve(_ index: Int, _ key: String) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key),
        lines: [Command.RequestedLine(productID: "ticket-\(index)", slot: "", quantity: 1)],
        ttl: Interval(seconds: 1_000), reference: "", actor: "bea"))
  }

  private static func key(_ index: Int) -> PoolKey {
    PoolKey(resourceID: "hall-\(index)", ordinal: 0)
  }

  private func fill(_ turn: ([Command]) -> [Result<Outcome, EngineError>]) {
    _ = turn((0..<Self.halls).flatMap { Self.hall($0) })
    for round in 0..<4 {
      _ = turn((0..<Self.halls).map { Self.reserve($0, "r\(round)-\($0)") })
    }
  }

  private func open(_ bench: Bench) throws -> MemoryStorage {
    bench.lane.close()
    return try MemoryStorage(bench.store)
  }

  @Test func aCrashFindsEverythingInTheLog() throws {
    let bench = try Bench()
    bench.lane.set.sweepLimits = Self.limits
    fill(bench.turn)
    #expect(bench.lane.set.unwrittenPoolsCount > 2)
    let again = try bench.reopened()
    #expect(again.lane.set.unwrittenPoolsCount > 2)
    for index in 0..<Self.halls {
      #expect(again.lane.set.view(Self.key(index)).pool == Pool(held: 4, revision: 4))
    }
    // With the usual limits that is little: the next batch writes all of it.
    _ = again.turn([Self.reserve(0, "next")])
    #expect(again.lane.set.unwrittenPoolsCount == 0)
    let storage = try open(again)
    let rows = try storage.pools(after: nil, limit: 99)
    #expect(rows.map(\.pool.held) == [5, 4, 4, 4, 4, 4])
    let lane = try storage.counters()
    #expect(lane.poolsWrittenTo == lane.nextSequence - 1)
  }

  @Test func whoVerifiesOrRepairsFindsNothingWrong() throws {
    let bench = try Bench()
    bench.lane.set.sweepLimits = Self.limits
    fill(bench.turn)
    let storage = try open(bench)
    #expect(try storage.pools(after: nil, limit: 99).contains { $0.pool.held < 4 })
    let audit = try StoreAudit.run(storage)
    #expect(audit.findings == [] && audit.poolsCount == Self.halls)
    let lane = try storage.counters()
    let plan = try StoreAudit.repair(storage, audit, at: bench.clock.now, actor: "op")
    #expect(plan.entries == [] && plan.changes.counters.poolsWrittenTo == lane.poolsWrittenTo)
    // A store that says too much of its rows is found out.
    var boasting = lane
    boasting.poolsWrittenTo = lane.nextSequence - 1
    try storage.begin(reading: RecordNames()).commit(ChangeSet(counters: boasting))
    #expect(try StoreAudit.run(storage).findingsCount > 0)
  }

  @Test func watchersAreToldOfWhatChangedNotOfWhatWasWritten() throws {
    let bench = try Bench()
    bench.lane.set.sweepLimits = Self.limits
    fill(bench.turn)
    let position = bench.hub.position
    _ = bench.turn([Self.reserve(Self.halls - 1, "last")])
    let all = (0..<Self.halls).map { Self.key($0) }
    #expect(bench.hub.changed(since: position, among: all[...]) == [Self.key(Self.halls - 1)])
  }

  @Test func theLogIsNotShortenedBeyondWhatRowsNeed() throws {
    let bench = try Bench()
    bench.lane.set.sweepLimits = Self.limits
    fill(bench.turn)
    let storage = try open(bench)
    let lane = try storage.counters()
    let trimmer = try LogTrimmer(
      EventRetention(maxAge: Interval(seconds: 1)), try storage.openLog(),
      Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    bench.clock.advance(5_000)
    for _ in 0..<9 { _ = try trimmer.step(at: bench.clock.now, position: lane.nextSequence - 1) }
    #expect(lane.poolsWrittenTo < lane.nextSequence - 1)
    #expect(try storage.checkpoint().sequence == lane.poolsWrittenTo)
    #expect(try StoreAudit.run(storage).findings == [])
  }

  @Test func nodesMarkWhatOthersChanged() throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let nodes = [try Node(store, clock), try Node(store, clock)]
    for node in nodes { node.lane.set.sweepLimits = Self.limits }
    fill(nodes[0].turn)
    _ = nodes[1].turn([Self.reserve(0, "other")])
    #expect(nodes[1].lane.set.unwrittenPoolsCount > 2)
    try Agreement.check(nodes, clock)
    // What a node has written needs nobody else's care.
    nodes[0].lane.set.sweepLimits = PoolSweep.Limits()
    _ = nodes[0].turn([Self.reserve(0, "all")])
    nodes[1].lane.turn([])
    clock.advance(1)
    _ = nodes[1].turn([Self.reserve(0, "more")])
    #expect(nodes[1].lane.set.unwrittenPoolsCount <= 1)
    try Agreement.check(nodes, clock)
  }
}
