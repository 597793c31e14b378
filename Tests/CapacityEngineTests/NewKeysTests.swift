import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// Keys that a lane on a shared store takes to be new, and that are not.
struct NewKeysTests {
  private let clock = ManualClock()
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 7))

  private func isReplay(_ result: Result<Outcome, EngineError>?) -> Bool {
    if case .success(.reserved(_, replayed: true))? = result { true } else { false }
  }

  @Test func newKeysAreNotLookedUp() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    #expect(node.lane.shared.aboutKeys.isOver)
    _ = node.turn(Shop.reserve("a"))
    #expect(node.lane.shared.aboutKeys.isOver)
    #expect(node.faults.callCount(.load) == 0)
  }

  @Test func aKnownKeyAmongNewOnesIsAReplay() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    _ = node.turn(Shop.reserve("b"))
    let answers = node.turn(["a", "b", "c", "a"].map { Shop.reserve($0) })
    #expect(answers.map(isReplay) == [false, true, false, true])
    #expect(node.held == 3)
    #expect(!node.lane.shared.aboutKeys.isOver)
  }

  /// The same key, the same outcome: also where there is nothing left to give.
  @Test func aKnownKeyIsAReplayWhenAllIsGone() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(1), Shop.ticket])
    _ = node.turn(Shop.reserve("a"))
    #expect(node.lane.shared.aboutKeys.isOver)
    #expect(isReplay(node.turn(Shop.reserve("a"))))
    #expect(node.held == 1)
  }

  /// What writes nothing is told of by no primary key.
  @Test func aKnownKeyIsFoundWhereNothingIsWritten() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    _ = node.turn(Shop.adjust("q", 3))
    #expect(node.lane.shared.aboutKeys.isOver)
    let answer = try #require(node.turn(Shop.adjust("q", 0)))
    #expect(try answer.get() == .rejected(.keyReused(field: "delta")))
  }

  /// A key that the batch itself has written is known to nobody before it, or the store says so.
  @Test func aRefusalOverAKeyOfTheSameBatchAsksNothing() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    let answers = node.turn([Shop.reserve("a", 1), Shop.reserve("a", 2)])
    #expect(try answers[1].get() == .rejected(.keyReused(field: "lines[0].quantity")))
    #expect(node.held == 1)
    #expect(node.lane.shared.aboutKeys.isOver)
  }

  @Test func afterSomeBatchesWithoutOneTheyAreExpectedToBeNewAgain() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(1_000), Shop.ticket])
    _ = node.turn(Shop.reserve("a"))
    #expect(isReplay(node.turn(Shop.reserve("a"))))
    for count in 1..<Caution.batchesAsking {
      _ = node.turn(Shop.reserve("k\(count)"))
      #expect(!node.lane.shared.aboutKeys.isOver)
    }
    // One more known key, and it counts from the beginning.
    #expect(isReplay(node.turn(Shop.reserve("a"))))
    for count in 0..<Caution.batchesAsking { _ = node.turn(Shop.reserve("l\(count)")) }
    #expect(node.lane.shared.aboutKeys.isOver)
  }

  /// Batches without keys say nothing about keys.
  @Test func onlyKeysCount() throws {
    let node = try Node(store, clock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    _ = node.turn(Shop.reserve("a"))
    _ = node.turn(Shop.reserve("a"))
    for _ in 0..<2 * Caution.batchesAsking { _ = node.turn(Shop.release(1)) }
    #expect(!node.lane.shared.aboutKeys.isOver)
  }
}
