package import CapacityEngine

/// Makes a store beside its place, has it filled, and puts it there when it is whole.
///
/// It grows in a schema of its own, whose name a server never looks at; the last thing that happens is that it gets the
/// other name.
package enum NewPostgresStore {
  /// - Throws: `conflict` where there is a store already; what `body` throws. There is no store then.
  package static func make<Result>(
    _ settings: ConnectionSettings, _ identity: StoreIdentity,
    _ body: (any Storage) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    var making = settings.patient
    making.schema = settings.schema + "_importing"
    // Holds the lock of whoever makes a store here, until it ends.
    let connection = try Connection(settings.patient)
    try lock(connection, making.schema)
    try checkFree(connection, settings.schema)
    try drop(connection, making.schema)
    do throws(StorageError) {
      let result = try fill(making, identity, body)
      try move(connection, from: making.schema, to: settings.schema)
      return result
    } catch {
      // The error that matters is the first; what is left is dropped by the next import.
      try? drop(connection, making.schema)
      throw error
    }
  }

  private static func lock(_ connection: Connection, _ name: String) throws(StorageError) {
    let taken = Query(
      once: "SELECT pg_try_advisory_lock(hashtext('cupo new store \(name)'))::int::int8")
    guard try connection.exchange([taken])[0].int(0, 0) == 1 else {
      throw StorageError(.inUse, "another import is at work on this database")
    }
  }

  private static func checkFree(_ connection: Connection, _ name: String) throws(StorageError) {
    let found = Query(once: "SELECT count(*) FROM pg_namespace WHERE nspname = '\(name)'")
    guard try connection.exchange([found])[0].int(0, 0) == 0 else {
      throw StorageError(.conflict, "there is a schema \(name) in the database already")
    }
  }

  private static func drop(_ connection: Connection, _ name: String) throws(StorageError) {
    if connection.isInTransaction { _ = try connection.exchange([Query(once: "ROLLBACK")]) }
    _ = try connection.exchange([Query(once: "DROP SCHEMA IF EXISTS \(name) CASCADE")])
  }

  private static func fill<Result>(
    _ making: ConnectionSettings, _ identity: StoreIdentity,
    _ body: (any Storage) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    let storage = try PostgresStorage.open(making, newIdentity: identity)
    defer { storage.close() }
    return try body(storage)
  }

  private static func move(
    _ connection: Connection, from name: String, to target: String
  ) throws(StorageError) {
    _ = try connection.exchange([Query(once: "BEGIN"), Schema.lock(target)])
    // A server may have come in between.
    try checkFree(connection, target)
    _ = try connection.exchange([
      Query(once: "ALTER SCHEMA \(name) RENAME TO \(target)"), Query(once: "COMMIT"),
    ])
  }
}
