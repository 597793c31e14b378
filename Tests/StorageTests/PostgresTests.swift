import Capacity
import CapacityEngine
import Logging
import PostgresServer
import Testing

@testable import PostgresStorage

/// What only PostgreSQL can do to a store, and several nodes to one another.
@Suite("PostgreSQL")
struct PostgresTests {
  private static let identity = StoreIdentity(namingKey: 11)

  private func open(_ settings: ConnectionSettings) throws(StorageError) -> PostgresStorage {
    try PostgresStorage.open(settings, newIdentity: Self.identity)
  }

  // MARK: Opening

  @Test func nodesThatStartTogetherMakeOneStore() async throws {
    let settings = try PostgresServer.newPlace()
    let identities = try await withThrowingTaskGroup(of: StoreIdentity.self) { group in
      for key in UInt64(1)...6 {
        group.addTask {
          let storage = try PostgresStorage.open(
            settings, newIdentity: StoreIdentity(namingKey: key))
          defer { storage.close() }
          return try storage.identity()
        }
      }
      var all: Set<UInt64> = []
      for try await identity in group { all.insert(identity.namingKey) }
      return all
    }
    #expect(identities.count == 1)
  }

  @Test func aNewerStoreIsRefused() throws {
    let settings = try PostgresServer.newPlace()
    try open(settings).close()
    let operations = try Connection(settings)
    _ = try operations.exchange([Query(once: "INSERT INTO migration VALUES (99, now())")])
    do {
      _ = try open(settings)
      Issue.record("tables of the future were opened")
    } catch {
      #expect(error.kind == .corrupt)
      #expect(error.detail.contains("newer version of Cupo"))
      #expect(error.detail.contains("99"))
    }
  }

  @Test func tablesOfAnOlderVersionAreMigratedOnceTheirServersAreStopped() throws {
    let settings = try PostgresServer.newPlace()
    let server = try open(settings)
    server.onNews { _ in }
    while try !server.isServed() {}
    let operations = try Connection(settings)
    for text in [
      "DELETE FROM lane WHERE id = 1", "ALTER TABLE lane DROP COLUMN pools_written_to",
      "UPDATE lane SET next_sequence = 42", "DELETE FROM migration WHERE version > 2",
    ] {
      _ = try operations.exchange([Query(once: text)])
    }
    do {
      _ = try open(settings)
      Issue.record("tables were changed under a server that does not know the new ones")
    } catch {
      #expect(error.kind == .inUse && error.detail.contains("stop all of them"))
    }
    #expect(throws: StorageError.self) { try PostgresMigration.run(settings) }
    server.close()
    #expect(try PostgresMigration.run(settings) == (2, 4))
    let again = try open(settings)
    #expect(try again.counters() == StoreCounters(nextSequence: 42, poolsWrittenTo: 41))
    again.close()
  }

  @Test func whereNothingIsNothingIsMadeUnlessAsked() throws {
    let settings = try PostgresServer.newPlace()
    #expect(throws: StorageError.self) {
      _ = try PostgresStorage.open(settings, newIdentity: nil)
    }
  }

  @Test func aDatabaseThatIsNotThereIsSaidSoWithoutThePassword() throws {
    let address = try #require(
      PostgresAddress("postgres://cupo:s3cr3t@127.0.0.1:1/cupo?connect_timeout=1&password=s3cr3t"))
    #expect("\(address)" == "postgres://cupo@127.0.0.1:1/cupo?connect_timeout=1")
    do {
      _ = try open(ConnectionSettings(address))
      Issue.record("there is no database there")
    } catch {
      #expect(error.kind == .unavailable)
      #expect(!error.detail.contains("s3cr3t"))
    }
  }

  @Test(arguments: [
    ("postgres://h/d", "postgres://h/d"), ("postgresql://u:p@h/d", "postgresql://u@h/d"),
    ("postgres://u:p@ss@h1:5,h2:6/d", "postgres://u@h1:5,h2:6/d"),
    ("postgres://h/d?sslmode=require&sslpassword=x", "postgres://h/d?sslmode=require"),
    ("postgres://u:@/d?host=/tmp", "postgres://u@/d?host=/tmp"),
  ])
  func addressesAreShownWithoutPasswords(given: String, shown: String) throws {
    #expect(try #require(PostgresAddress(given)).description == shown)
  }

  @Test(arguments: ["", "postgres://", "postgres:", "mysql://h/d", "/var/cupo.db"])
  func otherTextsAreNoAddresses(text: String) {
    #expect(PostgresAddress(text) == nil)
  }

  // MARK: Waiting

  @Test func aLaneThatAnotherHoldsIsWaitedForInVain() throws {
    var settings = try PostgresServer.newPlace()
    settings.lockMilliseconds = 100
    let (first, second) = (try open(settings), try open(settings))
    let unit = try first.begin(reading: RecordNames())
    do {
      _ = try second.begin(reading: RecordNames())
      Issue.record("two have the lane")
    } catch {
      #expect(error.kind == .unavailable)
    }
    // Readers are kept by nobody.
    try second.begin(
      .reading, reading: RecordNames(), after: StoreCounters(nextSequence: .max)
    ).end()
    unit.end()
    try second.write(Samples.batch(from: 1, count: 1))
    #expect(try first.counters().nextReservation == 2)
    first.close()
    second.close()
  }

  @Test func aNodeThatStopsInTheMiddleLosesTheLane() async throws {
    var settings = try PostgresServer.newPlace()
    settings.idleMilliseconds = 200
    let (first, second) = (try open(settings), try open(settings))
    let unit = try first.begin(reading: RecordNames())
    // It takes so long to throw the first one out.
    try second.write(Samples.batch(from: 1, count: 1))
    #expect(throws: StorageError.self) { try unit.commit(Samples.batch(from: 1, count: 3)) }
    #expect(try second.events(after: 0, limit: 10).count == 1)
    // And it finds its way back.
    try eventually { try first.write(Samples.batch(from: 2, count: 1)) }
    first.close()
    second.close()
  }

  @Test func anAnswerThatDoesNotComeEndsTheConnection() throws {
    var settings = try PostgresServer.newPlace()
    settings.answerMilliseconds = 200
    let connection = try Connection(settings)
    #expect(throws: StorageError.self) {
      _ = try connection.exchange([Query(once: "SELECT pg_sleep(5)")])
    }
    #expect(connection.isBroken)
  }

  @Test func pausesGrowAndAreBounded() {
    for failures in 1...100 {
      let pause = Link.pause(after: failures)
      #expect(pause > .zero && pause <= .seconds(5))
    }
    #expect(Link.pause(after: 1) <= .milliseconds(100))
    #expect(Link.pause(after: 60) >= .milliseconds(2500))
  }

  @Test func aLostConnectionIsMadeAnew() throws {
    let settings = try PostgresServer.newPlace()
    let storage = try open(settings)
    try storage.write(Samples.batch(from: 1, count: 1))
    try endBackends(of: settings)
    #expect(throws: StorageError.self) { _ = try storage.begin(reading: RecordNames()) }
    try eventually { try storage.write(Samples.batch(from: 2, count: 1)) }
    #expect(try storage.events(after: 0, limit: 9).map(\.sequence) == [1, 2])
    storage.close()
  }

  // MARK: Statements

  @Test func aFailureIsToldAndTheConnectionGoesOn() throws {
    let connection = try Connection(try PostgresServer.newPlace())
    let good = Statement("good", "SELECT 7::int8")
    let bad = Statement("bad", "SELECT 1::int8 / $1::int8")
    var zero = Values()
    zero.append(Int64(0))
    do {
      _ = try connection.exchange([Query(good), Query(bad, zero), Query(good)])
      Issue.record("a division by zero succeeded")
    } catch {
      #expect(error.kind == .corrupt)
      #expect(error.detail.contains("22012"))
    }
    let rows = try connection.exchange([Query(good), Query(good)])
    #expect(try rows.map { try $0.int(0, 0) } == [7, 7])
  }

  @Test func whatIsSentIsWhatIsStored() throws {
    let connection = try Connection(try PostgresServer.newPlace())
    let numbers = [Int64.min, -1, 0, 1, Int64.max]
    var values = Values()
    values.append(numbers)
    values.append([String]())
    values.append("")
    values.append("ключ 'ñ' \\ \"{}\"")
    let rows = try connection.exchange([
      Query(
        once: """
          SELECT (SELECT sum(n)::text FROM unnest($1::int8[]) n), cardinality($2::text[])::int8,
            $3::text, $4::text
          """, values)
    ])
    #expect(try rows[0].text(0, 0) == "-1")
    #expect(try rows[0].int(0, 1) == 0)
    #expect(try rows[0].text(0, 2) == "")
    #expect(try rows[0].text(0, 3) == "ключ 'ñ' \\ \"{}\"")
  }

  @Test func aPipelineThatIsLargerThanAnyBufferIsAnswered() throws {
    let connection = try Connection(try PostgresServer.newPlace())
    let echo = Statement("echo", "SELECT $1::text")
    let text = String(repeating: "x", count: 1 << 20)
    var values = Values()
    values.append(text)
    // Both directions are full for a while.
    let rows = try connection.exchange(Array(repeating: Query(echo, values), count: 24))
    #expect(rows.count == 24)
    #expect(rows.allSatisfy { $0.bytes(0, 0).count == 1 << 20 })
  }

  // MARK: Deciding ahead

  @Test func aBatchOnALaneThatHasMovedIsNotWritten() throws {
    let storage = try open(try PostgresServer.newPlace())
    let known = try storage.counters()
    let first = try #require(try storage.beginOptimistic())
    _ = try first.prepare(Samples.batch(from: 1, count: 1), after: known).run()
    let after = try storage.counters()
    #expect(after.nextSequence == 2)
    // Of other numbers, so that nothing but the lane stands in its way.
    let second = try #require(try storage.beginOptimistic())
    do {
      _ = try second.prepare(Samples.batch(from: 50, count: 1), after: known).run()
      Issue.record("the lane was moved from where it was not")
    } catch {
      #expect(error.kind == .conflict)
    }
    #expect(try storage.counters() == after)
    // The connection goes on.
    let third = try #require(try storage.beginOptimistic())
    _ = try third.prepare(Samples.batch(from: 2, count: 1), after: after).run()
    #expect(try storage.counters().nextSequence == 3)
    storage.close()
  }

  // MARK: Rows

  /// What memory has taken for stored is not lost where somebody has taken its row away.
  @Test func thePoolWhoseRowIsMissingIsPutThere() throws {
    let settings = try PostgresServer.newPlace()
    let storage = try open(settings)
    let keys = (0..<3).map { PoolKey(resourceID: "res", ordinal: $0) }
    var changes = Samples.batch(from: 1, count: 1)
    for key in keys { changes.pools[key] = Samples.pool(1) }
    try storage.write(changes)
    _ = try Connection(settings).exchange([Query(once: "DELETE FROM pool WHERE ordinal = 1")])

    changes = Samples.batch(from: 2, count: 1)
    for key in keys { changes.pools[key] = Samples.pool(2) }
    changes.newPools = []
    do {
      try storage.write(changes)
      Issue.record("a pool was lost")
    } catch {
      #expect(error.kind == .conflict)
    }
    #expect(try storage.counters().nextSequence == 2)
    try storage.write(changes)
    #expect(
      try storage.pools(after: nil, limit: 9).map(\.pool) == keys.map { _ in Samples.pool(2) })
    storage.close()
  }

  /// Neighbours share a row as far as they have room, and are found, measured and trimmed one by one.
  @Test func eventsShareRows() throws {
    let settings = try PostgresServer.newPlace()
    let storage = try open(settings)
    var changes = Samples.batch(from: 1, count: 200)
    // One that is too large for a row by itself.
    changes.events[99].reason = String(repeating: "x", count: 2 * EventChunks.bytesMax)
    try storage.write(changes)
    let rows = try Connection(settings).exchange([
      Query(once: "SELECT count(*), max(first) FROM event")
    ])
    #expect((3...20).contains(try rows[0].int(0, 0)))
    for (after, limit) in [(0, 1), (0, 1_000), (57, 1), (98, 3), (99, 100), (199, 9), (200, 9)] {
      let expected = changes.events.dropFirst(after).prefix(limit)
      #expect(try storage.events(after: UInt64(after), limit: limit) == Array(expected))
    }
    let log = try storage.openLog()
    for (after, last) in [(0, 200), (3, 4), (57, 199), (98, 101), (199, 500), (200, 300)] {
      var bytes: [UInt8] = []
      for event in changes.events.dropFirst(after).prefix(last - after) {
        try RecordCodec.encode(event, into: &bytes)
      }
      #expect(try log.bytes(after: UInt64(after), through: UInt64(last)) == bytes.count)
    }
    try log.write(LogCheckpoint(sequence: 150), replacing: LogCheckpoint(), balances: [:])
    var gone = 0
    while case let count = try log.trim(limit: 7), count > 0 {
      gone += count
      #expect(try storage.events(after: 0, limit: 1).map(\.sequence) == [UInt64(gone) + 1])
    }
    #expect(gone == 150)
    #expect(try log.bytes(after: 150, through: 160) > 0)
    storage.close()
  }

  // MARK: The log

  @Test func oneCheckpointIsWrittenByOneNode() throws {
    let settings = try PostgresServer.newPlace()
    let storage = try open(settings)
    try storage.write(Samples.batch(from: 1, count: 10))
    let logs = [try storage.openLog(), try storage.openLog()]
    let key = PoolKey(resourceID: "res", ordinal: 1)
    try logs[0].write(
      LogCheckpoint(sequence: 5, lastReservation: 5), replacing: LogCheckpoint(),
      balances: [key: Samples.pool(5)])
    do {
      try logs[1].write(
        LogCheckpoint(sequence: 3, lastReservation: 3), replacing: LogCheckpoint(),
        balances: [key: Samples.pool(3)])
      Issue.record("the checkpoint went back")
    } catch {
      #expect(error.kind == .conflict)
    }
    #expect(try logs[1].checkpoint().sequence == 5)
    #expect(try logs[1].balances(of: [key]) == [key: Samples.pool(5)])
    storage.close()
  }

  // MARK: Helpers

  private func endBackends(of settings: ConnectionSettings) throws {
    let operations = try Connection(settings)
    _ = try operations.exchange([
      Query(
        once: """
          SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
          WHERE pid <> pg_backend_pid() AND application_name = 'cupo \(settings.schema)'
          """)
    ])
  }

  private func eventually(_ body: () throws -> Void) throws {
    let end = ContinuousClock.now + .seconds(10)
    while true {
      do { return try body() } catch  where ContinuousClock.now < end { continue }
    }
  }
}
