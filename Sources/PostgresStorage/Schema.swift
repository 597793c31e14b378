import CapacityEngine

/// The tables, and how they came to be.
///
/// The one thing to know before changing them: a migration that was ever released is never edited; a change is a new one, and as
/// nodes of the version before still run, it only adds (but for versions 3 and 4, which they must be stopped for). Bodies are versioned by themselves, see `RecordCodec`.
///
/// `shard_key` is in every primary key, so that the tables can be distributed by it (docs/scale.md): the seller for pools and
/// reservations, the buyer for keys, one for the log, which is one. It comes first but for reservations, which
/// are looked up by number: one index does for both.
enum Schema {
  static var version: Int { migrations.count }

  /// Creates or migrates the tables, one node at a time.
  ///
  /// - Throws: `corrupt` where they are of a newer version.
  static func prepare(
    _ settings: ConnectionSettings, newIdentity: StoreIdentity
  ) throws(StorageError) {
    let connection = try Connection(settings.patient)
    if try version(connection) == version { return }
    // Ends with the connection, should anything fail.
    _ = try connection.exchange([
      Query(once: "BEGIN"), lock(settings.schema),
    ])
    let found = try version(connection)
    if found > 0, found < versionOfRowsByLane { try refuseServers(connection) }
    var queries = found == 0 ? first(settings.schema) : []
    for number in found..<max(found, version) {
      queries += migrations[number].map { Query(once: $0) }
      queries.append(Query(once: "INSERT INTO migration VALUES (\(number + 1), now())"))
    }
    if found == 0 {
      var values = Values()
      values.append(String(newIdentity.namingKey, radix: 16))
      queries.append(Query(once: "INSERT INTO meta VALUES ('naming_key', $1::text)", values))
    }
    queries.append(Query(once: "COMMIT"))
    _ = try connection.exchange(queries)
  }

  // From here on the log and each lane have a row of their own, and rows of pools may be behind the log since the version before.
  private static let versionOfRowsByLane = 4

  // Servers of an older version would lock the wrong row, take the rows for the pools when they read the store anew, and shorten the
  // log beyond what rows need.
  private static func refuseServers(_ connection: Connection) throws(StorageError) {
    guard try ServingLock.isTaken(connection) else { return }
    throw StorageError(
      .inUse, "servers of an older version are at work on the store: stop all of them first")
  }

  /// Keeps others from making or changing the tables until the transaction ends.
  static func lock(_ schema: String) -> Query {
    Query(once: "SELECT pg_advisory_xact_lock(hashtext('cupo migration \(schema)'))")
  }

  /// Checks that the tables are there and of this version, without writing.
  static func check(_ connection: Connection) throws(StorageError) {
    let found = try version(connection)
    guard found > 0 else { throw noStore }
    guard found == version else {
      throw StorageError(
        .corrupt, "the store is of an older version (\(found)): serve it once to migrate it")
    }
  }

  static let noStore = StorageError(.corrupt, "the database has no store of Cupo")

  /// Of the tables that are there; 0: none are.
  ///
  /// - Throws: `corrupt` for a newer one.
  static func version(_ connection: Connection) throws(StorageError) -> Int {
    // By the tables' own table: `to_regclass` may remember, behind the lock, that there was nothing before it.
    let exists = try connection.exchange([
      Query(
        once: """
          SELECT count(*) FROM pg_catalog.pg_tables
          WHERE schemaname = '\(connection.settings.schema)' AND tablename = 'migration'
          """)
    ])
    guard try exists[0].int(0, 0) == 1 else { return 0 }
    let rows = try connection.exchange([
      Query(once: "SELECT coalesce(max(version), 0)::int8 FROM migration")
    ])
    let found = Int(try rows[0].int(0, 0))
    guard found <= version else {
      throw StorageError(
        .corrupt,
        "the store was written by a newer version of Cupo: its tables have version \(found), this one knows \(version)"
      )
    }
    return found
  }

  private static func first(_ schema: String) -> [Query] {
    [
      Query(once: "CREATE SCHEMA IF NOT EXISTS \(schema)"),
      Query(
        once: """
          CREATE TABLE migration (version int PRIMARY KEY, migrated_at timestamptz NOT NULL)
          """),
    ]
  }

  private static let migrations = [version1, version2, version3, version4]

  // Until here row 0 was the only lane; from here on it is the log's, and the lanes' rows are those from 1 on. See ``PostgresLanes``.
  private static let version4 = [
    """
    INSERT INTO lane (id, next_reservation, next_sequence, last_decision, pools_written_to)
    SELECT 1, next_reservation, next_sequence, last_decision, pools_written_to
    FROM lane WHERE id = 0
    """
  ]

  // Rows of pools may be behind the log, from here on; before, every batch wrote all that it changed. Servers of an older
  // version know nothing of it: see `refuseServers`.
  private static let version3 = [
    "ALTER TABLE lane ADD COLUMN pools_written_to int8 NOT NULL DEFAULT 0",
    "UPDATE lane SET pools_written_to = next_sequence - 1",
  ]

  // The audit log, whose chains are what its rows are distributed by. The ends of chains are kept apart from it: the lane's in
  // the lane's row, the others in a table. The trigger is against mistakes; it is the hashes that tell of what was done on
  // purpose.
  private static let version2 = [
    """
    ALTER TABLE lane ADD COLUMN audit_sequence int8 NOT NULL DEFAULT 0,
      ADD COLUMN audit_hash text NOT NULL
        DEFAULT '0000000000000000000000000000000000000000000000000000000000000000'
    """,
    """
    CREATE TABLE audit_chain (
      chain text COLLATE "C" PRIMARY KEY, sequence int8 NOT NULL, hash text NOT NULL)
    """,
    """
    CREATE TABLE audit (
      chain text COLLATE "C", sequence int8, at int8 NOT NULL, body text NOT NULL,
      hash text NOT NULL, PRIMARY KEY (chain, sequence))
    """,
    """
    CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
    """,
    """
    CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()
    """,
  ]

  // Reservations and events only ever grow at the end, and a page holds one full row of events. Rows that are written over and over keep room in their pages, so that
  // their new version finds a place beside the old one.
  private static let version1 = [
    "CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)",
    """
    CREATE TABLE lane (
      id int8 PRIMARY KEY, next_reservation int8 NOT NULL, next_sequence int8 NOT NULL,
      last_decision int8 NOT NULL) WITH (fillfactor = 10)
    """,
    "INSERT INTO lane VALUES (0, 1, 1, 0)",
    """
    CREATE TABLE resource (
      id text COLLATE "C" PRIMARY KEY, seller_id text COLLATE "C" NOT NULL, version int8 NOT NULL,
      body text NOT NULL)
    """,
    """
    CREATE TABLE product (
      id text COLLATE "C" PRIMARY KEY, seller_id text COLLATE "C" NOT NULL, version int8 NOT NULL,
      body text NOT NULL)
    """,
    """
    CREATE TABLE pool (
      shard_key text COLLATE "C", resource_id text COLLATE "C", ordinal int8, held int8 NOT NULL,
      consumed int8 NOT NULL, revision int8 NOT NULL,
      PRIMARY KEY (shard_key, resource_id, ordinal)) WITH (fillfactor = 50)
    """,
    "CREATE INDEX pool_by_resource ON pool (resource_id, ordinal)",
    """
    CREATE TABLE reservation (
      shard_key text COLLATE "C", number int8, holding boolean NOT NULL, expires_at int8 NOT NULL,
      body bytea NOT NULL, PRIMARY KEY (number, shard_key))
    """,
    "CREATE INDEX reservation_holding ON reservation (number) WHERE holding",
    """
    CREATE TABLE idempotency (
      shard_key text COLLATE "C", key text COLLATE "C", number int8 NOT NULL,
      PRIMARY KEY (shard_key, key))
    """,
    """
    CREATE TABLE event (
      shard_key int8, sequence int8, first int8 NOT NULL, body bytea NOT NULL,
      PRIMARY KEY (shard_key, sequence)) WITH (toast_tuple_target = 8160)
    """,
    "ALTER TABLE event ALTER body SET STORAGE EXTERNAL",
    """
    CREATE TABLE log_checkpoint (
      id int8 PRIMARY KEY, sequence int8 NOT NULL, last_reservation int8 NOT NULL)
    """,
    "INSERT INTO log_checkpoint VALUES (0, 0, 0)",
    """
    CREATE TABLE checkpoint_pool (
      resource_id text COLLATE "C", ordinal int8, held int8 NOT NULL, consumed int8 NOT NULL,
      revision int8 NOT NULL, PRIMARY KEY (resource_id, ordinal))
    """,
  ]
}
