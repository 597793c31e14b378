/// What tells a command that a server has the store: all servers share a lock while they are connected.
///
/// It keeps nobody from anything.
enum ServingLock {
  static let triesMax = 10
  static let pauseSeconds = 0.05

  static func name(_ schema: String) -> String { "cupo serving \(schema)" }

  /// Taken by the connection, until it ends.
  static func share(_ schema: String) -> Query {
    var values = Values()
    values.append(name(schema))
    return Query(once: "SELECT pg_advisory_lock_shared(hashtext($1::text))", values)
  }

  /// 1 where nobody has it.
  static let attempt = Statement(
    "serving",
    """
    SELECT CASE WHEN pg_try_advisory_lock(hashtext($1::text))
      THEN pg_advisory_unlock(hashtext($1::text))::int ELSE 0 END::int8
    """)
}
