import Capacity
import MemoryStorage
import SeededRandom
import Testing

@testable import CapacityEngine

/// Random walks of several nodes on one store, with commits that fail or are lost on the way.
struct SharedWalkTests {
  @Test func nodesAgreeWhateverHappens() throws {
    var random = SplitMix("shared walk")
    for _ in 0..<30 { try walk(&random, PoolSweep.Limits()) }
  }

  @Test func theyAgreeAlsoWhereRowsAreBehind() throws {
    var random = SplitMix("shared walk behind")
    let limits = PoolSweep.Limits(atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1)
    for _ in 0..<15 { try walk(&random, limits) }
  }

  private func walk(_ random: inout SplitMix, _ limits: PoolSweep.Limits) throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let nodes = try (0..<3).map { _ in try Node(store, clock) }
    for node in nodes { node.lane.set.sweepLimits = limits }
    _ = nodes[0].turn([Shop.hall(20), Shop.ticket])
    for _ in 0..<120 {
      let node = nodes[Int.random(in: 0..<3, using: &random)]
      if Int.random(in: 0..<6, using: &random) == 0 { arm(node, &random) }
      if Int.random(in: 0..<3, using: &random) == 0 {
        clock.advance(Int64.random(in: 0...20, using: &random))
      }
      let count = Int.random(in: 0...4, using: &random)
      _ = node.turn((0..<count).map { _ in command(&random) })
      if Int.random(in: 0..<3, using: &random) == 0 { _ = node.read() }
    }
    for node in nodes { node.faults.disarm() }
    try Agreement.check(nodes, clock)
  }

  private func arm(_ node: Node, _ random: inout SplitMix) {
    let effects: [Faults.Effect] = [
      .fail(Faults.full), .writeThenFail(Faults.full), .fail(StorageError(.conflict, "test")),
    ]
    let operation: Faults.Operation = Bool.random(using: &random) ? .commit : .begin
    guard let effect = effects.randomElement(using: &random) else { return }
    if case .writeThenFail = effect {
      node.faults.arm(effect, at: .commit)
    } else {
      node.faults.arm(effect, at: operation)
    }
  }

  private func command(_ random: inout SplitMix) -> Command {
    let number = UInt64.random(in: 1...60, using: &random)
    return switch Int.random(in: 0..<12, using: &random) {
    case 0..<6:
      Shop.reserve(
        "k\(Int.random(in: 0..<80, using: &random))", Int64.random(in: 1...3, using: &random),
        ttl: Int64.random(in: 5...40, using: &random))
    case 6, 7: Shop.consume(number)
    case 8, 9: Shop.release(number)
    case 10: Shop.hall(Int64.random(in: 5...30, using: &random))
    default:
      Bool.random(using: &random)
        ? Shop.ticket
        : .putProduct(
          Command.PutProduct(
            product: Shop.limitedTicket(Int64.random(in: 2...9, using: &random)), actor: "ana"))
    }
  }
}
