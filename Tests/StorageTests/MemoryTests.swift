import Capacity
import CapacityEngine
import MemoryStorage
import Testing

/// The faults that tests of the engine rest on.
@Suite("Faults in memory")
struct MemoryTests {
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 1))
  private let faults = Faults()

  @Test func theNthCallFails() throws {
    let storage = try MemoryStorage(store, faults: faults)
    faults.arm(.fail(Faults.full), at: .commit, nth: 2)
    try storage.write(Samples.batch(from: 1, count: 1))
    #expect(throws: Faults.full) { try storage.write(Samples.batch(from: 2, count: 1)) }
    #expect(try storage.counters().nextReservation == 2)
    try storage.write(Samples.batch(from: 2, count: 1))
    #expect(try storage.counters().nextReservation == 3)
  }

  @Test func aLostWriteIsReportedAsDone() throws {
    let storage = try MemoryStorage(store, faults: faults)
    faults.arm(.loseWrite, at: .commit)
    try storage.write(Samples.batch(from: 1, count: 1))
    #expect(try storage.events(after: 0, limit: 9).isEmpty)
  }

  @Test func aTornCommitIsWrittenAndFails() throws {
    let storage = try MemoryStorage(store, faults: faults)
    faults.arm(.writeThenFail(Faults.full), at: .commit)
    #expect(throws: Faults.full) { try storage.write(Samples.batch(from: 1, count: 1)) }
    #expect(try storage.events(after: 0, limit: 9).count == 1)
  }

  @Test func aCrashKeepsTheData() throws {
    let first = try MemoryStorage(store)
    try first.write(Samples.batch(from: 1, count: 2))
    store.abandon()
    let second = try MemoryStorage(store)
    #expect(try second.events(after: 0, limit: 9).count == 2)
    #expect(throws: StorageError.self) { try first.write(Samples.batch(from: 3, count: 1)) }
  }

  @Test func aFullDiskEndsWhenItIsEmptied() throws {
    let storage = try MemoryStorage(store, faults: faults)
    faults.setFull(true)
    #expect(throws: Faults.full) { try storage.write(Samples.batch(from: 1, count: 1)) }
    #expect(try storage.counters() == StoreCounters())
    faults.setFull(false)
    try storage.write(Samples.batch(from: 1, count: 1))
  }
}
