import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// A lane in which nothing happens any more must not hold up the log's beginning for the others.
struct IdleLaneTests {
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 7), lanes: 2)

  private func open(_ name: String, of seller: String) -> [Command] {
    [
      .putResource(
        Command.PutResource(
          resource: Resource(id: name, sellerID: seller, inventory: .stock(total: .units(900))),
          zone: .utc, actor: "ana")),
      .putProduct(
        Command.PutProduct(
          product: Product(id: name, sellerID: seller, draws: [Draw(resourceID: name)]),
          actor: "ana")),
    ]
  }

  private func reserve(_ name: String, _ key: Int) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: "\(key)"),
        lines: [Command.RequestedLine(productID: name, slot: "", quantity: 1)],
        ttl: Interval(seconds: 600), reference: "", actor: "bea"))
  }

  /// Who wrote last in a lane sees to what is due there; the others do so once that one seems not to.
  @Test func whatIsDueIsLeftToWhoWroteThereLast() throws {
    let clock = ManualClock()
    let nodes = try (0..<2).map { _ in try Node(store, clock) }
    _ = nodes[0].turn(open("hall", of: "red"))
    let made = try #require(try nodes[0].turn(reserve("hall", 1))?.get().reservation)
    let red = nodes[0].lane.set.lane(ofSeller: "red")
    _ = nodes[1].lookUp(made.number)
    let lanes = nodes.map(\.lane)
    #expect(lanes[0].nextWriting() == made.expiresAt)
    #expect(lanes[1].nextWriting() == made.expiresAt + Lane.othersFirstFor)
    #expect(lanes.map { $0.lanesDue(at: made.expiresAt).contains(red) } == [true, false])

    // The other one is gone.
    clock.advance(milliseconds: 600_250)
    lanes[1].turn([])
    #expect(try nodes[1].storage.counters().marks[red].lastDecision == clock.now)
    #expect(try nodes[1].lookUp(made.number)?.get()?.state == .expired)
    // And now the lane is this one's.
    _ = nodes[0].lookUp(made.number)
    let next = try #require(try nodes[1].turn(reserve("hall", 2))?.get().reservation)
    _ = nodes[0].lookUp(next.number)
    #expect(lanes[1].nextWriting() == next.expiresAt)
    #expect(lanes[0].nextWriting() == next.expiresAt + Lane.othersFirstFor)
  }

  @Test(arguments: [false, true]) func itsRowsAreWrittenAllTheSame(decidesAhead: Bool) throws {
    let node = try Node(store, ManualClock(), decidesAhead: decidesAhead)
    node.lane.set.sweepLimits = PoolSweep.Limits(
      atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1, eventsMax: 100)
    // Of different lanes.
    #expect(node.lane.set.lane(ofSeller: "red") != node.lane.set.lane(ofSeller: "blue"))
    for number in 0..<20 { _ = node.turn(open("hall \(number)", of: "red")) }
    _ = node.turn(open("stadium", of: "blue"))
    // Twice, so that rows are known which are behind.
    for round in 0..<2 {
      _ = node.turn((0..<20).map { reserve("hall \($0)", round * 20 + $0) })
      node.lane.settleAll()
    }
    let red = node.lane.set.lane(ofSeller: "red")
    #expect(!node.lane.set.counters.marks[red].isWritten)
    for key in 100..<400 {
      _ = node.turn([reserve("stadium", key)])
      node.lane.moveOn { false }
    }
    node.lane.settleAll()
    let state = try node.storage.counters()
    #expect(state.marks[red].isWritten)
    #expect(state.nextSequence - state.poolsWrittenTo < 100)
    var rows = 0
    try StoredPools(of: node.storage).each { (_, pool, isWritten) in
      if pool.held == 2 { rows += isWritten ? 1 : 0 }
    }
    #expect(rows == 20)
  }
}
