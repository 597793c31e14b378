import Capacity
import CapacityEngine
import Testing

/// What every adapter promises.
@Suite("The storage contract")
struct StorageContractTests {
  @Test(arguments: Adapter.allCases)
  func aNewStoreIsEmpty(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    #expect(try storage.counters() == StoreCounters())
    #expect(try storage.catalogue().resources.isEmpty)
    #expect(try storage.catalogue().products.isEmpty)
    #expect(try storage.pools(after: nil, limit: 10).isEmpty)
    #expect(try storage.reservations(after: 0, limit: 10, holdingOnly: false).isEmpty)
    #expect(try storage.events(after: 0, limit: 10).isEmpty)
    let names = RecordNames(reservations: [1], keys: [Samples.key(1)])
    #expect(try storage.begin(reading: names).records == Records())
  }

  @Test(arguments: Adapter.allCases)
  func everythingIsReadBack(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    var changes = Samples.batch(from: 1, count: 5)
    changes.counters.lastDecision = Instant(microseconds: 1_700_000_000_000_001)
    let poolKey = PoolKey(resourceID: "res", ordinal: -4)
    changes.pools[poolKey] = Samples.pool(9)
    changes.resources = [Samples.resource("b"), Samples.resource("a")]
    changes.products = [Samples.product("q"), Samples.product("p")]
    try storage.write(changes)

    #expect(try storage.counters() == changes.counters)
    #expect(try storage.catalogue().resources == [Samples.resource("a"), Samples.resource("b")])
    #expect(try storage.catalogue().products == [Samples.product("p"), Samples.product("q")])
    #expect(try storage.events(after: 0, limit: 100) == changes.events)
    let names = RecordNames(
      pools: [poolKey, PoolKey(resourceID: "none", ordinal: 0)], reservations: [2, 5, 77],
      keys: [Samples.key(3), Samples.key(99)])
    let expected = Records(
      pools: [poolKey: Samples.pool(9)],
      reservations: [2: changes.reservations[1], 5: changes.reservations[4]],
      keys: [Samples.key(3): 3])
    let unit = try storage.begin(reading: names)
    #expect(unit.records == expected)
    #expect(try unit.load(names) == expected)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func whatIsWrittenAgainIsReplaced(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    let key = PoolKey(resourceID: "res", ordinal: 1)
    var first = Samples.batch(from: 1, count: 1)
    first.pools[key] = Samples.pool(1)
    first.resources = [Samples.resource("a", version: 1)]
    first.products = [Samples.product("p", version: 1)]
    try storage.write(first)

    var second = ChangeSet(counters: StoreCounters(nextReservation: 2, nextSequence: 2))
    second.pools[key] = Samples.pool(2)
    second.reservations = [Samples.reservation(1, holding: false)]
    second.resources = [Samples.resource("a", version: 2)]
    second.products = [Samples.product("p", version: 2)]
    try storage.write(second)

    let names = RecordNames(pools: [key], reservations: [1])
    let records = try storage.begin(reading: names).records
    #expect(records.pools[key] == Samples.pool(2))
    #expect(records.reservations[1] == Samples.reservation(1, holding: false))
    #expect(try storage.catalogue().resources.map(\.version) == [2])
    #expect(try storage.catalogue().products.map(\.version) == [2])
    #expect(try storage.reservations(after: 0, limit: 9, holdingOnly: true).isEmpty)
  }

  @Test(arguments: Adapter.allCases, [1, 3, 7, 100])
  func pagesJoinWithoutGapOrOverlap(adapter: Adapter, limit: Int) throws {
    let storage = try adapter.place().open()
    var changes = Samples.batch(from: 1, count: 23)
    for index in 0..<17 {
      let key = PoolKey(resourceID: "res-\(index % 3)", ordinal: Int64(index) - 8)
      changes.pools[key] = Samples.pool(UInt64(index))
    }
    try storage.write(changes)

    let all = try pages(limit) { last in
      try storage.reservations(after: last?.number ?? 0, limit: limit, holdingOnly: false)
    }
    #expect(all == changes.reservations)
    let holding = try pages(limit) { last in
      try storage.reservations(after: last?.number ?? 0, limit: limit, holdingOnly: true)
    }
    #expect(holding == changes.reservations.filter(\.isHolding))
    let events = try pages(limit) { last in
      try storage.events(after: last?.sequence ?? 0, limit: limit)
    }
    #expect(events == changes.events)
    let pools = try pages(limit) { last in try storage.pools(after: last?.key, limit: limit) }
    #expect(pools.map(\.key) == changes.pools.keys.sorted())
    #expect(pools.allSatisfy { changes.pools[$0.key] == $0.pool })
  }

  private func pages<Entry>(_ limit: Int, _ read: (Entry?) throws -> [Entry]) throws -> [Entry] {
    var all: [Entry] = []
    while true {
      let page = try read(all.last)
      #expect(page.count <= limit)
      all += page
      if page.count < limit { return all }
    }
  }

  @Test(arguments: Adapter.allCases)
  func keysAreToldApartByEveryByte(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    let keys = [
      IdempotencyKey(buyerID: "a", key: "bc"), IdempotencyKey(buyerID: "ab", key: "c"),
      IdempotencyKey(buyerID: "", key: "abc"), IdempotencyKey(buyerID: "a", key: "BC"),
      IdempotencyKey(buyerID: "a", key: "bc "), IdempotencyKey(buyerID: "ñ", key: "ключ"),
      IdempotencyKey(buyerID: "a", key: String(repeating: "k", count: 64)),
    ]
    var changes = Samples.batch(from: 1, count: keys.count)
    changes.keys = zip(keys, 1...).map { (key: $0, number: $1) }
    for (index, key) in keys.enumerated() {
      changes.reservations[index].buyerID = key.buyerID
      changes.reservations[index].idempotencyKey = key.key
    }
    try storage.write(changes)
    let records = try storage.begin(reading: RecordNames(keys: keys)).records
    #expect(
      records.keys == Dictionary(uniqueKeysWithValues: changes.keys.map { ($0.key, $0.number) }))
  }

  @Test(arguments: Adapter.allCases)
  func aCommitThatFailsLeavesNothing(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    try storage.write(Samples.batch(from: 1, count: 2))
    var changes = Samples.batch(from: 3, count: 3)
    changes.pools[PoolKey(resourceID: "x", ordinal: 0)] = Samples.pool(1)
    changes.resources = [Samples.resource("x")]
    // A key that is there already.
    changes.keys.append((Samples.key(1), 4))
    #expect(throws: StorageError.self) { try storage.write(changes) }

    #expect(try storage.counters().nextReservation == 3)
    #expect(try storage.events(after: 0, limit: 10).map(\.sequence) == [1, 2])
    #expect(
      try storage.reservations(after: 0, limit: 10, holdingOnly: false).map(\.number) == [1, 2])
    #expect(try storage.pools(after: nil, limit: 10).isEmpty)
    #expect(try storage.catalogue().resources.isEmpty)
    // It goes on.
    try storage.write(Samples.batch(from: 3, count: 1))
    #expect(try storage.counters().nextReservation == 4)
  }

  @Test(arguments: Adapter.allCases)
  func whatIsCommittedOutlivesTheStorage(adapter: Adapter) throws {
    let place = try adapter.place()
    let first = try place.open(StoreIdentity(namingKey: 11))
    let changes = Samples.batch(from: 1, count: 4)
    try first.write(changes)
    first.close()

    let second = try place.open(StoreIdentity(namingKey: 22))
    #expect(try second.identity() == StoreIdentity(namingKey: 11))
    #expect(try second.counters() == changes.counters)
    #expect(try second.events(after: 0, limit: 10) == changes.events)
    second.close()
  }

  @Test(arguments: Adapter.exclusive)
  func oneAtATime(adapter: Adapter) throws {
    let place = try adapter.place()
    let first = try place.open()
    do {
      _ = try place.open()
      Issue.record("a second storage has the same store")
    } catch {
      #expect(error.kind == .inUse)
    }
    first.close()
    try place.open().close()
  }

  @Test(arguments: Adapter.allCases)
  func aLargeBatchIsOneBatch(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    let changes = Samples.batch(from: 1, count: 10_000)
    try storage.write(changes)
    #expect(
      try storage.reservations(after: 9_990, limit: 100, holdingOnly: false).count == 10)
    #expect(try storage.events(after: 0, limit: 20_000).map(\.sequence) == Array(1...10_000))
  }
}
