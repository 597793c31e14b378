import CapacityEngine
import Foundation

/// What tells a command that a server has the store: all servers share a lock while they are connected.
///
/// It keeps nobody from anything.
enum ServingLock {
  private static let triesMax = 10
  private static let pauseSeconds = 0.05

  /// Whether a server has it. One that has just ended is not taken for one: the database hears of its end a moment later.
  static func isTaken(_ connection: Connection) throws(StorageError) -> Bool {
    var values = Values()
    values.append(name(connection.settings.schema))
    for _ in 0..<triesMax {
      let free = try connection.exchange([Query(attempt, values)])[0].int(0, 0)
      guard free == 0 else { return false }
      Thread.sleep(forTimeInterval: pauseSeconds)
    }
    return true
  }

  private static func name(_ schema: String) -> String { "cupo serving \(schema)" }

  /// Taken by the connection, until it ends.
  static func share(_ schema: String) -> Query {
    var values = Values()
    values.append(name(schema))
    return Query(once: "SELECT pg_advisory_lock_shared(hashtext($1::text))", values)
  }

  /// 1 where nobody has it.
  private static let attempt = Statement(
    "serving",
    """
    SELECT CASE WHEN pg_try_advisory_lock(hashtext($1::text))
      THEN pg_advisory_unlock(hashtext($1::text))::int ELSE 0 END::int8
    """)
}
