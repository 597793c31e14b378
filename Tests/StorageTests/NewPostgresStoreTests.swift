import Capacity
import CapacityEngine
import PostgresServer
import Testing

@testable import PostgresStorage

/// A store that is made beside its place, and what can come between.
@Suite("New stores on PostgreSQL")
struct NewPostgresStoreTests {
  private static let identity = StoreIdentity(namingKey: 23)

  @Test func aStoreIsThereWhenItIsWhole() throws {
    let settings = try PostgresServer.newPlace()
    let changes = Samples.batch(from: 1, count: 9)
    try NewPostgresStore.make(settings, Self.identity) { (made) throws(StorageError) in
      try made.begin(reading: RecordNames()).commit(changes)
      #expect(try schemas(settings) == ["\(settings.schema)_importing"])
    }
    #expect(try schemas(settings) == [settings.schema])
    let storage = try PostgresStorage.open(settings, newIdentity: nil)
    #expect(try storage.identity() == Self.identity)
    #expect(try storage.events(after: 0, limit: 99) == changes.events)
    // It is written to like any other.
    try storage.begin(reading: RecordNames()).commit(Samples.batch(from: 10, count: 1))
    storage.close()
  }

  @Test func whatFailsLeavesNothing() throws {
    let settings = try PostgresServer.newPlace()
    let failure = StorageError(.corrupt, "planted")
    #expect(throws: failure) {
      try NewPostgresStore.make(settings, Self.identity) { (made) throws(StorageError) in
        try made.begin(reading: RecordNames()).commit(Samples.batch(from: 1, count: 9))
        throw failure
      }
    }
    #expect(try schemas(settings).isEmpty)
  }

  @Test func whatDiedInTheMiddleIsInNobodysWay() throws {
    let settings = try PostgresServer.newPlace()
    var died = settings
    died.schema += "_importing"
    try PostgresStorage.open(died, newIdentity: StoreIdentity(namingKey: 1)).close()
    try NewPostgresStore.make(settings, Self.identity) { (made) throws(StorageError) in
      #expect(try made.identity() == Self.identity)
    }
    #expect(try schemas(settings) == [settings.schema])
  }

  @Test func whereAStoreIsNoneIsMade() throws {
    let settings = try PostgresServer.newPlace()
    try PostgresStorage.open(settings, newIdentity: StoreIdentity(namingKey: 1)).close()
    #expect(refusal(settings) {} == .conflict)
    let storage = try PostgresStorage.open(settings, newIdentity: nil)
    #expect(try storage.identity() == StoreIdentity(namingKey: 1))
    storage.close()
  }

  @Test func aServerThatComesInBetweenKeepsItsStore() throws {
    let settings = try PostgresServer.newPlace()
    let kind = refusal(settings) { () throws(StorageError) in
      try PostgresStorage.open(settings, newIdentity: StoreIdentity(namingKey: 1)).close()
    }
    #expect(kind == .conflict)
    #expect(try schemas(settings) == [settings.schema])
    let storage = try PostgresStorage.open(settings, newIdentity: nil)
    #expect(try storage.identity() == StoreIdentity(namingKey: 1))
    storage.close()
  }

  @Test func twoImportsDoNotMeet() throws {
    let settings = try PostgresServer.newPlace()
    try NewPostgresStore.make(settings, Self.identity) { (_) throws(StorageError) in
      #expect(refusal(settings) {} == .inUse)
    }
  }

  @Test func aServerIsSeenWhileItIsConnected() async throws {
    let settings = try PostgresServer.newPlace()
    let storage = try PostgresStorage.open(settings, newIdentity: Self.identity)
    #expect(try !storage.isServed())
    let (first, second) = try (
      PostgresStorage.open(settings, newIdentity: nil),
      PostgresStorage.open(settings, newIdentity: nil)
    )
    for server in [first, second] { server.onNews { _ in } }
    while try !storage.isServed() {}
    first.close()
    #expect(try storage.isServed())
    second.close()
    // Its connection ends by and by.
    while try storage.isServed() {}
    storage.close()
  }

  // MARK: -

  private func refusal(
    _ settings: ConnectionSettings, _ body: () throws(StorageError) -> Void
  ) -> StorageError.Kind? {
    do throws(StorageError) {
      try NewPostgresStore.make(settings, Self.identity) { (_) throws(StorageError) in
        try body()
      }
      return nil
    } catch {
      return error.kind
    }
  }

  private func schemas(_ settings: ConnectionSettings) throws(StorageError) -> [String] {
    let rows = try Connection(settings).exchange([
      Query(
        once: """
          SELECT nspname::text FROM pg_namespace
          WHERE nspname IN ('\(settings.schema)', '\(settings.schema)_importing')
          """)
    ])[0]
    var names: [String] = []
    for row in 0..<rows.count { names.append(try rows.text(row, 0)) }
    return names
  }
}
