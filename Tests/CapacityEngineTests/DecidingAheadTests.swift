import Capacity
import MemoryStorage
import Synchronization
import Testing

@testable import CapacityEngine

/// What a lane that decides ahead may say without the store.
struct DecidingAheadTests {
  private let clock = ManualClock()
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 7))

  /// One that asks first, and one that has met nobody yet.
  private func nodes() throws -> (other: Node, ahead: Node) {
    let other = try Node(store, clock)
    _ = other.turn([Shop.hall(10), Shop.ticket])
    let ahead = try Node(store, clock, decidesAhead: true)
    _ = ahead.read()
    return (other, ahead)
  }

  /// What changes nothing is written nowhere, so no write can find that another node knows better.
  @Test func aRefusalIsNotTakenFromMemory() throws {
    let (other, ahead) = try nodes()
    _ = other.turn(Shop.reserve("a"))
    let said = Said()
    ahead.post([Shop.release(1)], said.note)
    #expect(said.all == ["released"])
    try Agreement.check([other, ahead], clock)
  }

  @Test func aRefusalBehindWhatIsUnderWayIsNotTakenFromMemory() throws {
    let (other, ahead) = try nodes()
    let said = Said()
    ahead.post([Shop.reserve("a"), Shop.reserve("b")], moreWaits: true, said.note)
    ahead.post([Shop.release(3)], moreWaits: true, said.note)
    ahead.committer?.step()
    _ = other.turn(Shop.reserve("c"))
    #expect(said.all.isEmpty)
    ahead.post([], said.note)
    #expect(said.all == ["reserved", "reserved", "released"])
    try Agreement.check([other, ahead], clock)
  }
}

/// What callers were told, in order.
private final class Said: Sendable {
  private let content = Mutex<[String]>([])

  var all: [String] { content.withLock { $0 } }

  func note(_ place: Int, _ result: Result<Outcome, EngineError>) {
    let text =
      switch result {
      case .success(.reserved): "reserved"
      case .success(.released): "released"
      case .success(.rejected(let rejection)): "\(rejection)"
      case .success: "done"
      case .failure(let error): "\(error)"
      }
    content.withLock { $0.append(text) }
  }
}
