import Capacity
import Testing

@testable import CapacityEngine

/// What subscribers are told, and what is kept for those who come back.
struct ChangeHubTests {
  private func hub() -> ChangeHub { ChangeHub(position: 0, catalogue: Catalogue()) }

  private func publish(
    _ hub: ChangeHub, _ position: UInt64, _ resource: String, _ ordinal: Int64 = 0
  ) {
    let key = PoolKey(resourceID: resource, ordinal: ordinal)
    hub.publish(
      ChangeSet(lane: LaneState(nextSequence: position + 1), pools: [key: Pool(held: 1)]),
      catalogue: Catalogue())
  }

  @Test func aSlowReaderGetsOneSet() async throws {
    let hub = hub()
    let subscription = try #require(try hub.subscribe(to: ["a"]))
    for position in UInt64(1)...1000 { publish(hub, position, position % 2 == 0 ? "a" : "b") }
    let changes = await subscription.next(waitingAtMost: 1)
    #expect(changes == Changes(pools: [PoolKey(resourceID: "a", ordinal: 0)]))
    #expect(await subscription.next(waitingAtMost: 0.01) == Changes())
  }

  @Test func tooManyPoolsMeanEverything() async throws {
    let hub = hub()
    let subscription = try #require(try hub.subscribe(to: nil))
    for position in UInt64(1)...UInt64(ChangeSubscription.changesMax + 1) {
      publish(hub, position, "a", Int64(position))
    }
    #expect(await subscription.next(waitingAtMost: 1) == Changes(everything: true))
  }

  @Test func historyEndsAndSaysSo() async throws {
    let hub = hub()
    let count = UInt64(ChangeHub.historyMax) + 10
    for position in UInt64(1)...count { publish(hub, position, "a", Int64(position)) }
    #expect(try hub.subscribe(to: nil, after: 9) == nil)
    #expect(try hub.subscribe(to: nil, after: count + 1) == nil)
    let missed = try #require(try hub.subscribe(to: nil, after: count - 2))
    #expect(
      await missed.next(waitingAtMost: 1)
        == Changes(
          pools: [
            PoolKey(resourceID: "a", ordinal: Int64(count)),
            PoolKey(resourceID: "a", ordinal: Int64(count - 1)),
          ]))
    #expect(try hub.subscribe(to: nil, after: 10) != nil)
    let nothing = try #require(try hub.subscribe(to: nil, after: count))
    #expect(await nothing.next(waitingAtMost: 0.01) == Changes())
  }

  @Test func subscribersHaveALimit() throws {
    let hub = hub()
    let all = try (0..<ChangeHub.subscribersMax).map { _ in try hub.subscribe(to: []) }
    #expect(throws: EngineError.overloaded) { try hub.subscribe(to: []) }
    all.last??.cancel()
    #expect(try hub.subscribe(to: []) != nil)
    #expect(hub.subscribersCount == ChangeHub.subscribersMax)
  }

  @Test func closingEndsEveryWait() async throws {
    let hub = hub()
    let subscription = try #require(try hub.subscribe(to: nil))
    async let end = subscription.next(waitingAtMost: 60)
    try await Task.sleep(for: .milliseconds(20))
    hub.close()
    #expect(await end == nil)
    #expect(throws: EngineError.stopping) { try hub.subscribe(to: nil) }
  }

  @Test func cancellingEndsTheWait() async throws {
    let hub = hub()
    let subscription = try #require(try hub.subscribe(to: nil))
    let task = Task { await subscription.next(waitingAtMost: 60) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    #expect(await task.value == nil)
    subscription.cancel()
    #expect(hub.subscribersCount == 0)
  }
}
