import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// What a node that decides ahead may take for granted on a store of several lanes.
struct LanesAheadTests {
  private static let lanes = 4
  // Of different lanes.
  private static let (own, other) = ("s0", "s1")

  private static func open(_ seller: String, _ node: Node) {
    let hall = Resource(
      id: "hall of \(seller)", sellerID: seller, inventory: .stock(total: .units(9)))
    let ticket = Product(
      id: "ticket of \(seller)", sellerID: seller, draws: [Draw(resourceID: hall.id)])
    _ = node.turn([
      .putResource(Command.PutResource(resource: hall, zone: .utc, actor: "ana")),
      .putProduct(Command.PutProduct(product: ticket, actor: "ana")),
    ])
  }

  private static func reserve(_ key: String, _ sellers: String...) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key),
        lines: sellers.map {
          Command.RequestedLine(productID: "ticket of \($0)", slot: "", quantity: 1)
        },
        ttl: nil, reference: "", actor: "bea"))
  }

  @Test func aNumberThatIsNewHereIsLookedForInItsOwnLane() throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7), lanes: Self.lanes)
    let nodes = try (0..<2).map { _ in try Node(store, clock, decidesAhead: true) }
    let set = nodes[0].lane.set
    #expect(set.lane(ofSeller: Self.own) != set.lane(ofSeller: Self.other))
    for seller in [Self.own, Self.other] { Self.open(seller, nodes[0]) }
    let made = try #require(
      try nodes[1].turn(Self.reserve("first", Self.other))?.get().reservation)
    for node in nodes { node.lane.settleAll() }

    // In a batch with something that it can decide on what it knows.
    let box = Box<Result<Outcome, EngineError>>(2)
    nodes[0].post([Self.reserve("second", Self.own), Shop.release(made.number)]) { box.put($1, $0) }
    nodes[0].lane.settleAll()
    let answers = box.values
    guard case .success(.reserved) = answers[0], case .success(.released) = answers[1] else {
      return #expect(Bool(false), "\(answers)")
    }
  }

  // A batch that others came before is decided anew, and some of it may be decided ahead again.
  @Test func nothingIsOpenWhenTheStoreIsAsked() throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7), lanes: Self.lanes)
    let nodes = try (0..<2).map { _ in try Node(store, clock, decidesAhead: true) }
    let sellers = ["s0", "s1", "s2"]
    for seller in sellers { Self.open(seller, nodes[0]) }
    let lane = nodes[0].lane
    lane.shared.aboutOthers = Array(repeating: Caution(batches: 1), count: Self.lanes)
    lane.shared.aboutKeys = Caution(batches: 1)
    lane.shared.met(in: LaneSet(lane.set.lane(ofSeller: sellers[2])))
    _ = nodes[1].turn(Self.reserve("others", sellers[0]))
    nodes[1].lane.settleAll()

    let box = Box<Result<Outcome, EngineError>>(3)
    nodes[0].post([
      Self.reserve("both", sellers[0], sellers[1]), Self.reserve("one", sellers[1]),
      Self.reserve("asks", sellers[2]),
    ]) { box.put($1, $0) }
    lane.settleAll()
    #expect(box.values.count == 3)
    for case .failure(let error) in box.values { Issue.record("\(error)") }
    // Nobody has taken what was not written yet for commits that the store has lost.
    #expect(store.present.last < 100)
    #expect(lane.set.counters.nextSequence == store.present.last + 1)
  }
}
