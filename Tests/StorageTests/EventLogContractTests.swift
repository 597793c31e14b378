import Capacity
import CapacityEngine
import Synchronization
import Testing

/// What every adapter promises of its log: pages for another thread, a checkpoint, and trims behind it.
@Suite("The event log contract")
struct EventLogContractTests {
  private static let pool = PoolKey(resourceID: "res", ordinal: 1)
  private static let other = PoolKey(resourceID: "res", ordinal: -9)

  @Test(arguments: Adapter.allCases)
  func aNewLogIsWhole(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    let log = try storage.openLog()
    #expect(try log.checkpoint() == LogCheckpoint())
    #expect(try storage.checkpoint() == LogCheckpoint())
    #expect(try log.events(after: 0, limit: 10).isEmpty)
    #expect(try log.balances(of: [Self.pool]) == [:])
    #expect(try storage.balances(after: nil, limit: 10).isEmpty)
    #expect(try log.bytes(after: 0, through: 100) == 0)
    #expect(try log.trim(limit: 10) == 0)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func whatIsCommittedIsSeenAtOnce(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    let log = try storage.openLog()
    for first in stride(from: UInt64(1), through: 9, by: 3) {
      try storage.write(Samples.batch(from: first, count: 3))
      #expect(
        try log.events(after: first - 1, limit: 10).map(\.sequence) == [
          first, first + 1, first + 2,
        ])
    }
    #expect(try log.events(after: 2, limit: 4) == (3...6).map { Samples.event($0) })
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func bytesAreThoseOfTheBodies(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try storage.write(Samples.batch(from: 1, count: 20))
    var expected: [UInt8] = []
    for sequence in UInt64(6)...15 {
      try RecordCodec.encode(Samples.event(sequence), into: &expected)
    }
    #expect(try storage.openLog().bytes(after: 5, through: 15) == expected.count)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func onlyWhatTheCheckpointCoversGoes(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try storage.write(Samples.batch(from: 1, count: 10))
    let log = try storage.openLog()
    // Without a checkpoint nothing goes.
    #expect(try log.trim(limit: 100) == 0)
    let checkpoint = LogCheckpoint(sequence: 7, lastReservation: 7)
    try log.write(checkpoint, balances: [Self.pool: Samples.pool(7)])
    #expect(try log.trim(limit: 5) == 5)
    #expect(try storage.events(after: 0, limit: 100).map(\.sequence) == [6, 7, 8, 9, 10])
    #expect(try log.trim(limit: 5) == 2)
    #expect(try log.trim(limit: 5) == 0)
    #expect(try log.events(after: 0, limit: 100).map(\.sequence) == [8, 9, 10])
    try storage.write(Samples.batch(from: 11, count: 2))
    storage.close()

    let again = try place.open()
    #expect(try again.checkpoint() == checkpoint)
    #expect(try again.openLog().checkpoint() == checkpoint)
    #expect(try again.events(after: 0, limit: 100).map(\.sequence) == [8, 9, 10, 11, 12])
    again.close()
  }

  @Test(arguments: Adapter.allCases)
  func balancesAreMerged(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    let log = try storage.openLog()
    try log.write(
      LogCheckpoint(sequence: 1),
      balances: [Self.pool: Samples.pool(1), Self.other: Samples.pool(2)])
    try log.write(LogCheckpoint(sequence: 2), balances: [Self.pool: Samples.pool(5)])
    #expect(
      try log.balances(of: [Self.pool, Self.other])
        == [Self.pool: Samples.pool(5), Self.other: Samples.pool(2)])
    let pages = try storage.balances(after: nil, limit: 1)
    #expect(pages.map(\.key) == [Self.other])
    #expect(try storage.balances(after: Self.other, limit: 9).map(\.pool) == [Samples.pool(5)])
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func aLogThatIsAllGoneGoesOn(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try storage.write(Samples.batch(from: 1, count: 3))
    let log = try storage.openLog()
    try log.write(LogCheckpoint(sequence: 3, lastReservation: 3), balances: [:])
    #expect(try log.trim(limit: 100) == 3)
    try storage.write(Samples.batch(from: 4, count: 1))
    #expect(try storage.events(after: 0, limit: 9).map(\.sequence) == [4])
    storage.close()
  }

  /// The retention writes from its own thread while the lane commits: neither keeps the other from its work for long.
  @Test func trimsGoOnBesideCommits() async throws {
    let place = try SQLitePlace()
    let storage = try place.open()
    let openLog = storage.openLog
    let trimmed = Mutex(0)
    let isDone = Mutex(false)
    let trimming = Task.detached { () throws in
      let log = try openLog()
      var checkpoint = LogCheckpoint()
      while !isDone.withLock({ $0 }) {
        let page = try log.events(after: checkpoint.sequence, limit: 50)
        guard let last = page.last else { continue }
        checkpoint.sequence = last.sequence
        try log.write(checkpoint, balances: [Self.pool: Samples.pool(last.sequence)])
        let count = try log.trim(limit: 50)
        trimmed.withLock { $0 += count }
      }
    }
    var end: UInt64 = 1
    while trimmed.withLock({ $0 }) < 1000 {
      try storage.write(Samples.batch(from: end, count: 20))
      end += 20
      await Task.yield()
    }
    isDone.withLock { $0 = true }
    try await trimming.value
    let kept = try storage.events(after: 0, limit: .max).map(\.sequence)
    #expect(kept == Array(UInt64(trimmed.withLock { $0 }) + 1..<end))
    #expect(try storage.counters().nextSequence == end)
    storage.close()
  }
}
