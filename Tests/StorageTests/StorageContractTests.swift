import Capacity
import CapacityEngine
import Testing

/// What every adapter promises.
@Suite("The storage contract")
struct StorageContractTests {
  @Test(arguments: Adapter.allCases)
  func everythingIsReadBack(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    var changes = Samples.batch(from: 1, count: 5)
    changes.lane.lastDecision = Instant(microseconds: 1_700_000_000_000_001)
    let poolKey = PoolKey(resourceID: "res", ordinal: -4)
    changes.pools[poolKey] = Samples.pool(9)
    changes.resources = [Samples.resource("b"), Samples.resource("a")]
    changes.products = [Samples.product("q"), Samples.product("p")]
    try storage.write(changes)

    #expect(try storage.lane() == changes.lane)
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
}
