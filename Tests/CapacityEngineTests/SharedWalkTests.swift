import Capacity
import MemoryStorage
import SeededRandom
import Synchronization
import Testing

@testable import CapacityEngine

/// Random walks of several nodes on one store, with commits that fail or are lost on the way.
struct SharedWalkTests {
  private static let behind = PoolSweep.Limits(
    atOnceMax: 0, rowsMin: 1, eventsPerRow: 100, keysMax: 1)

  @Test func nodesAgreeWhateverHappens() throws {
    var random = SplitMix("shared walk")
    for _ in 0..<30 { try walk(&random, PoolSweep.Limits()) }
  }

  @Test func nodesThatDecideAheadAgreeWhateverHappens() throws {
    var random = SplitMix("walk ahead")
    var aheadCount = 0
    for _ in 0..<60 { try walkAhead(&random, &aheadCount) }
    // Else nothing of it was tried.
    #expect(aheadCount > 150)
  }

  // Mostly one node, so that it finds nobody else, and others that come between now and then.
  private func walkAhead(_ random: inout SplitMix, _ aheadCount: inout Int) throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let nodes = try (0..<2).map { _ in try Node(store, clock, decidesAhead: true) }
    if Bool.random(using: &random) {
      for node in nodes { node.lane.set.sweepLimits = Self.behind }
    }
    _ = nodes[0].turn([Shop.hall(250), Shop.ticket])
    let tally = Tally()
    for _ in 0..<400 {
      let node = nodes[Int.random(in: 0..<150, using: &random) == 0 ? 1 : 0]
      if Int.random(in: 0..<80, using: &random) == 0 { arm(node, &random) }
      if Int.random(in: 0..<20, using: &random) == 0 {
        clock.advance(Int64.random(in: 0...20, using: &random))
      }
      let commands = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        ahead(&random)
      }
      tally.post(commands, node, moreWaits: Bool.random(using: &random))
      if node.lane.written != nil { aheadCount += 1 }
      if Bool.random(using: &random) { node.committer?.step() }
      if Int.random(in: 0..<20, using: &random) == 0 { _ = node.read() }
    }
    for node in nodes {
      node.faults.disarm()
      node.lane.settleAll()
    }
    try Agreement.check(nodes, clock)
    try tally.check(nodes[0].storage)
  }

  // Rarely what ends the way of deciding ahead for a while.
  private func ahead(_ random: inout SplitMix) -> Command {
    let number = UInt64.random(in: 1...60, using: &random)
    return switch Int.random(in: 0..<40, using: &random) {
    case 0..<24:
      Shop.reserve(
        "k\(Int.random(in: 0..<1_000, using: &random))", 1,
        ttl: Int64.random(in: 5...40, using: &random))
    case 24..<30: Shop.consume(number)
    case 30..<37: Shop.release(number)
    default: Shop.reserve("again", 1, ttl: 15)
    }
  }

  @Test func theyAgreeAlsoWhereRowsAreBehind() throws {
    var random = SplitMix("shared walk behind")
    for _ in 0..<15 { try walk(&random, Self.behind) }
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

/// What callers were told: each command once, and of each that was granted the store knows.
private final class Tally: Sendable {
  private struct Content {
    var asked = 0
    var answered = 0
    var granted: [UInt64: IdempotencyKey] = [:]
    var contradictions = 0
  }

  private let content = Mutex(Content())

  func post(_ commands: [Command], _ node: Node, moreWaits: Bool) {
    content.withLock { $0.asked += commands.count }
    node.post(commands, moreWaits: moreWaits) { [self] _, result in
      content.withLock { content in
        content.answered += 1
        guard case .success(.reserved(let reservation, _)) = result else { return }
        let before = content.granted.updateValue(reservation.key, forKey: reservation.number)
        if let before, before != reservation.key { content.contradictions += 1 }
      }
    }
  }

  func check(_ storage: MemoryStorage) throws {
    let (asked, answered, granted, contradictions) = content.withLock {
      ($0.asked, $0.answered, $0.granted, $0.contradictions)
    }
    #expect(asked == answered)
    #expect(contradictions == 0)
    let stored = try storage.reservations(after: 0, limit: 100_000, holdingOnly: false)
    let keys = Dictionary(uniqueKeysWithValues: stored.map { ($0.number, $0.key) })
    for (number, key) in granted { #expect(keys[number] == key) }
  }
}
