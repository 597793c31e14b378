import Capacity
import CapacityEngine
import Logging
import PostgresServer
import Synchronization
import Testing

@testable import PostgresStorage

/// Engines, several on one database.
@Suite("Engines on PostgreSQL")
struct PostgresEngineTests {
  private let settings: ConnectionSettings

  init() throws {
    settings = try PostgresServer.newPlace()
  }

  private func engine(
    storageChanged: @escaping @Sendable (Bool) -> Void = { _ in }
  ) async throws -> Engine {
    let settings = settings
    return try await Engine.start(
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      // Far from the database's: it must not matter.
      clock: { Instant(microseconds: 1_000_000_000_000 + Self.elapsed) }, zone: { _ in .utc },
      storageChanged: storageChanged,
      open: { () throws(StorageError) in
        try PostgresStorage.open(settings, newIdentity: StoreIdentity(namingKey: 5))
      })
  }

  private static let start = ContinuousClock.now
  private static var elapsed: Int64 { Int64((ContinuousClock.now - start) / .microseconds(1)) }

  private func putHall(_ units: Int64, on engine: Engine) async throws {
    let hall = Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(units)))
    let ticket = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    _ = try await engine.execute(
      .putResource(Command.PutResource(resource: hall, zone: .utc, actor: "ana")))
    _ = try await engine.execute(
      .putProduct(Command.PutProduct(product: ticket, actor: "ana")))
  }

  private static let pool = PoolKey(resourceID: "hall", ordinal: 0)

  private static func reserve(_ key: String, ttl: Int64 = 600) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key),
        lines: [Command.RequestedLine(productID: "ticket", slot: "", quantity: 1)],
        ttl: Interval(seconds: ttl), reference: "", actor: "bea"))
  }

  private func expectSound(held: Int64) throws {
    let storage = try PostgresStorage.open(settings, newIdentity: nil)
    defer { storage.close() }
    let unit = try storage.begin(
      .reading, reading: RecordNames(), after: StoreCounters(nextSequence: .max))
    defer { unit.end() }
    #expect(try StoreAudit.run(storage).findingsCount == 0)
    #expect(try storage.pools(after: nil, limit: 10).first?.pool.held == held)
  }

  /// What an engine has said about its store.
  private final class Changes: Sendable {
    private let state = Mutex<[Bool]>([])
    var all: [Bool] { state.withLock { $0 } }
    func add(_ isDown: Bool) { state.withLock { $0.append(isDown) } }
  }

  @Test func enginesRaceForTheLastUnits() async throws {
    var engines: [Engine] = []
    for _ in 0..<3 { engines.append(try await engine()) }
    try await putHall(50, on: engines[0])
    let all = engines
    let won = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<600 {
        group.addTask {
          let outcome = try await all[index % 3].execute(Self.reserve("k\(index)"))
          if case .reserved = outcome { return true }
          return false
        }
      }
      var won = 0
      for try await isWon in group where isWon { won += 1 }
      return won
    }
    #expect(won == 50)
    for engine in engines { await engine.stop() }
    try expectSound(held: 50)
  }

  @Test func othersHearOfItAtOnce() async throws {
    let (first, second) = (try await engine(), try await engine())
    try await putHall(10, on: first)
    let subscription = try second.subscribe()
    var interest = ChangeInterest()
    interest.insert(Self.pool)
    subscription.follow(interest)
    _ = try await first.execute(Self.reserve("a"))
    let end = ContinuousClock.now + .seconds(5)
    var isHeard = false
    while !isHeard, ContinuousClock.now < end {
      _ = await subscription.wait(atMost: 1)
      isHeard = subscription.take().changes.pools.contains(Self.pool)
    }
    #expect(isHeard)
    // What it read is what the first wrote, at an instant of the database's clock.
    let reading = try await second.read([Self.pool])
    #expect(reading.views[Self.pool]?.pool.held == 1)
    #expect(reading.asOf > Instant(seconds: 1_700_000_000))
    #expect(second.now() > Instant(seconds: 1_700_000_000))
    await first.stop()
    await second.stop()
  }

  @Test func aHoldRunsOutByTheDatabasesClock() async throws {
    let (first, second) = (try await engine(), try await engine())
    try await putHall(1, on: first)
    _ = try await first.execute(Self.reserve("a", ttl: 5))
    // What it reads from is at most 50 ms old.
    try await Task.sleep(for: .milliseconds(60))
    #expect(try await second.read([Self.pool]).views[Self.pool]?.pool.held == 1)
    try await Task.sleep(for: .milliseconds(5_100))
    #expect(try await second.read([Self.pool]).views[Self.pool]?.pool.held == 0)
    guard case .reserved = try await second.execute(Self.reserve("b")) else {
      Issue.record("what has run out still blocks")
      return
    }
    await first.stop()
    await second.stop()
    try expectSound(held: 1)
  }

  /// Backends are killed under load: nothing that was acknowledged is lost, and nothing is taken twice.
  @Test func backendsDieUnderLoad() async throws {
    let changes = Changes()
    let (first, second) = (
      try await engine { isDown in changes.add(isDown) }, try await engine()
    )
    try await putHall(1_000_000, on: first)
    let isDone = Flag()
    let settings = settings
    let killer = Task.detached {
      let operations = try Connection(settings)
      var kills = 0
      // Between two batches a lost connection is not noticed by anybody.
      while kills < 6 || changes.all.isEmpty && kills < 200 {
        kills += 1
        try await Task.sleep(for: .milliseconds(150))
        _ = try operations.exchange([
          Query(
            once: """
              SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
              WHERE pid <> pg_backend_pid() AND application_name = 'cupo \(settings.schema)'
              """)
        ])
      }
      isDone.set()
    }
    let acknowledged = await withTaskGroup(of: Int.self) { group in
      for worker in 0..<8 {
        let engine = worker % 2 == 0 ? first : second
        group.addTask {
          var count = 0
          repeat {
            // An answer that is lost is asked for again by its key.
            while true {
              let command = Self.reserve("\(worker).\(count)")
              if case .reserved? = try? await engine.execute(command) { break }
              try? await Task.sleep(for: .milliseconds(20))
            }
            count += 1
          } while !isDone.isSet
          return count
        }
      }
      return await group.reduce(0, +)
    }
    try await killer.value
    // It has been noticed, and that it is over.
    for _ in 0..<1_000 where changes.all.last != false {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(changes.all.first == true && changes.all.last == false)
    await first.stop()
    await second.stop()
    try expectSound(held: Int64(acknowledged))
  }
}
