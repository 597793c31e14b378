import Capacity
import Testing

@testable import CapacityEngine

/// What subscribers are told, and what is remembered for those who come back.
struct ChangeHubTests {
  private func hub(poolsMax: Int = ChangeHub.poolsMax) -> ChangeHub {
    ChangeHub(position: 0, catalogue: Catalogue(), poolsMax: poolsMax)
  }

  private func key(_ resource: String, _ ordinal: Int64 = 0) -> PoolKey {
    PoolKey(resourceID: resource, ordinal: ordinal)
  }

  private func publish(
    _ hub: ChangeHub, _ position: UInt64, _ resource: String, _ ordinal: Int64 = 0
  ) {
    hub.publish(
      ChangeSet(
        counters: StoreCounters(nextSequence: position + 1),
        pools: [key(resource, ordinal): Pool(held: 1)]),
      catalogue: Catalogue())
  }

  private func subscribe(_ hub: ChangeHub, _ pools: [PoolKey]) throws -> ChangeSubscription {
    let subscription = try hub.subscribe()
    var interest = ChangeInterest()
    for pool in pools { interest.insert(pool) }
    subscription.follow(interest)
    return subscription
  }

  @Test func aSlowReaderGetsOneSet() async throws {
    let hub = hub()
    let subscription = try subscribe(hub, [key("a")])
    for position in UInt64(1)...1000 { publish(hub, position, position % 2 == 0 ? "a" : "b") }
    let notice = await subscription.next(waitingAtMost: 1)
    #expect(notice?.changes == Changes(pools: [key("a")]))
    #expect(notice?.position == 1000)
    #expect(await subscription.next(waitingAtMost: 0.01)?.changes == Changes())
  }

  @Test func onlyWhatIsOfInterestIsHeard() async throws {
    let hub = hub()
    let subscription = try subscribe(hub, [key("a", 3), key("a", 5)])
    for ordinal in Int64(0)...9 { publish(hub, UInt64(ordinal) + 1, "a", ordinal) }
    publish(hub, 11, "b", 4)
    #expect(
      subscription.take().changes == Changes(pools: [key("a", 3), key("a", 4), key("a", 5)]))
    var other = ChangeInterest()
    other.insert(key("b", 4))
    subscription.follow(other)
    publish(hub, 12, "a", 4)
    publish(hub, 13, "b", 4)
    #expect(subscription.take().changes == Changes(pools: [key("b", 4)]))
    // A definition can bring new slots to anybody.
    hub.publish(
      ChangeSet(
        counters: StoreCounters(nextSequence: 15),
        resources: [Resource(id: "c", sellerID: "sol", inventory: .stock(total: .units(1)))]),
      catalogue: Catalogue())
    #expect(subscription.take().changes == Changes(resources: ["c"]))
  }

  @Test func tooManyPoolsMeanEverything() async throws {
    let hub = hub()
    let count = ChangeSubscription.changesMax + 1
    let subscription = try subscribe(hub, [key("a", 1), key("a", Int64(count))])
    for position in UInt64(1)...UInt64(count) { publish(hub, position, "a", Int64(position)) }
    #expect(await subscription.next(waitingAtMost: 1)?.changes == Changes(everything: true))
  }

  @Test func memoryEndsAndSaysSo() {
    let hub = hub(poolsMax: 100)
    let pools = (0..<200).map { key("a", Int64($0)) }
    for position in UInt64(1)...120 { publish(hub, position, "a", Int64(position)) }
    // Two generations of 50; the third has begun, so the first is forgotten.
    #expect(hub.changed(since: 49, among: pools[...]) == nil)
    #expect(hub.changed(since: 121, among: pools[...]) == nil)
    #expect(hub.changed(since: 118, among: pools[...]) == [key("a", 119), key("a", 120)])
    #expect(hub.changed(since: 50, among: pools[...])?.count == 70)
    #expect(hub.changed(since: 120, among: pools[...]) == [])
    // The same pool again and again takes no more room.
    for position in UInt64(121)...1_000 { publish(hub, position, "a", 120) }
    #expect(hub.changed(since: 50, among: pools[...])?.count == 70)
    hub.publishAnew(position: 1_000, catalogue: Catalogue())
    #expect(hub.changed(since: 999, among: pools[...]) == nil)
  }

  @Test func theLogAddsWhatWasBefore() {
    let hub = ChangeHub(position: 100, catalogue: Catalogue())
    let all = [key("a"), key("b"), key("c")]
    publish(hub, 101, "a")
    #expect(hub.changed(since: 50, among: all[...]) == nil)
    hub.extendBack(
      to: 50, through: 100, Changes(pools: [key("a"), key("b")], resources: ["b"]))
    #expect(hub.changed(since: 50, among: all[...]) == [key("a"), key("b")])
    #expect(hub.changed(since: 49, among: all[...]) == nil)
    #expect(hub.changed(since: 100, among: all[...]) == [key("a")])
    #expect(hub.definitions(since: 60) == Changes(resources: ["b"]))
    #expect(hub.definitions(since: 100) == Changes())
  }

  @Test func subscribersHaveALimit() throws {
    let hub = hub()
    let all = try (0..<ChangeHub.subscribersMax).map { _ in try hub.subscribe() }
    #expect(throws: EngineError.overloaded) { try hub.subscribe() }
    all.last?.cancel()
    _ = try hub.subscribe()
    #expect(hub.subscribersCount == ChangeHub.subscribersMax)
  }

  @Test func closingEndsEveryWait() async throws {
    let hub = hub()
    let subscription = try hub.subscribe()
    async let end = subscription.next(waitingAtMost: 60)
    try await Task.sleep(for: .milliseconds(20))
    hub.close()
    #expect(await end == nil)
    #expect(throws: EngineError.stopping) { try hub.subscribe() }
  }

  @Test func cancellingEndsTheWait() async throws {
    let hub = hub()
    let subscription = try hub.subscribe()
    let task = Task { await subscription.next(waitingAtMost: 60) }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    #expect(await task.value == nil)
    subscription.cancel()
    #expect(hub.subscribersCount == 0)
  }
}
