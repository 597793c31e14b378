import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// What readers are told from memory on a store that several nodes share.
struct SharedMemoryTests {
  @Test func aHoldThatHasEndedIsNotReadFromMemory() throws {
    let (storeClock, ownClock) = (ManualClock(), ManualClock())
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let node = try Node(store, storeClock, ownClock: ownClock)
    _ = node.turn([Shop.hall(10), Shop.ticket])
    _ = node.turn([Shop.reserve("a", ttl: 60)])
    // Its own clock lags: it looks, and finds the hold at its end without the lock to write that down.
    storeClock.advance(60)
    ownClock.advance(1)
    #expect(node.held == 0)
    #expect(node.held == 0)
  }
}
