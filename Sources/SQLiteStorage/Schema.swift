import CapacityEngine
import Foundation
import GRDB

/// The tables, and how they came to be.
///
/// The one thing to know before changing them: a migration that was ever released is never edited; a change is a new one.
/// Bodies are versioned by themselves, see `RecordCodec`.
enum Schema {
  // "Cupo": tells our files from other SQLite files.
  private static let applicationID: Int32 = 0x4375_706F
  /// What a new file's pages have. Most commits are small, and a page is written whole.
  private static let pageBytes = 4_096

  /// Creates or migrates the store at `path`.
  ///
  /// - Parameter upTo: the last migration to make, for tests; nil: all of them.
  /// - Throws: `corrupt` for a file that is no store or one of a newer version.
  static func prepare(
    path: String, newIdentity: StoreIdentity, upTo: String? = nil
  ) throws(StorageError) {
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration())
      let migrator = migrator(newIdentity)
      try queue.read { try check($0, migrator, path) }
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA page_size = \(pageBytes)")
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        // Before there is any table: a first start that is interrupted leaves a file that is known as ours.
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      }
      if let upTo { try migrator.migrate(queue, upTo: upTo) } else { try migrator.migrate(queue) }
      try queue.close()
    } catch {
      throw explained(StorageError(error), path)
    }
  }

  /// Checks that `path` is a store that this version understands, without writing.
  static func check(path: String) throws(StorageError) {
    do {
      var configuration = configuration()
      configuration.readonly = true
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = migrator(StoreIdentity(namingKey: 0))
      try queue.read { database in
        try check(database, migrator, path)
        guard try migrator.hasCompletedMigrations(database) else {
          throw StorageError(
            .corrupt, "\(path) is of an older version: serve it once to migrate it")
        }
      }
      try queue.close()
    } catch {
      throw explained(StorageError(error), path)
    }
  }

  /// Checks that `path` is a store of this version or an older one, without writing.
  static func checkIsStore(path: String) throws(StorageError) {
    _ = try versions(path: path)
  }

  /// The last migration that the store at `path` has seen, and the last that there is.
  static func versions(path: String) throws(StorageError) -> (stored: String, newest: String) {
    do {
      var configuration = configuration()
      configuration.readonly = true
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = migrator(StoreIdentity(namingKey: 0))
      let stored = try queue.read { database in
        try check(database, migrator, path)
        return try migrator.appliedMigrations(database).last
      }
      try queue.close()
      guard let stored else { throw StorageError(.corrupt, "\(path) is empty") }
      return (stored, migrator.migrations.last ?? stored)
    } catch {
      throw explained(StorageError(error), path)
    }
  }

  private static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    return configuration
  }

  private static func check(
    _ database: Database, _ migrator: DatabaseMigrator, _ path: String
  ) throws {
    let tableCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    guard tableCount == 0 || id == applicationID else {
      throw StorageError(.corrupt, "\(path) is a SQLite database, but not a store of Cupo")
    }
    guard try !migrator.hasBeenSuperseded(database) else {
      throw StorageError(.corrupt, "\(path) was written by a newer version of Cupo")
    }
  }

  private static func explained(_ error: StorageError, _ path: String) -> StorageError {
    error.detail.contains(path)
      ? error : StorageError(error.kind, "\(path) cannot be opened: \(error.detail)")
  }

  private static func migrator(_ newIdentity: StoreIdentity) -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(sql: version1)
      try database.execute(
        sql: "INSERT INTO meta VALUES (?, ?)",
        arguments: ["naming_key", String(newIdentity.namingKey, radix: 16)])
    }
    migrator.registerMigration("2") { try $0.execute(sql: version2) }
    migrator.registerMigration("3") { try $0.execute(sql: version3) }
    migrator.registerMigration("4") { try $0.execute(sql: version4) }
    migrator.registerMigration("5") { try $0.execute(sql: version5) }
    migrator.registerMigration("6") { database in
      try database.execute(sql: version6)
      try fillHolding(database)
      try database.execute(sql: "DROP INDEX reservation_holding")
    }
    return migrator
  }

  // Reservations and events only ever grow at the end. The index of holding reservations is small: what was held is
  // closed soon.
  private static let version1 = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE lane (
      id INTEGER PRIMARY KEY CHECK (id = 0), next_reservation INTEGER NOT NULL,
      next_sequence INTEGER NOT NULL, last_decision INTEGER NOT NULL);
    INSERT INTO lane VALUES (0, 1, 1, 0);
    CREATE TABLE resource (
      id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE product (
      id TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE pool (
      resource_id TEXT, ordinal INTEGER, held INTEGER NOT NULL, consumed INTEGER NOT NULL,
      revision INTEGER NOT NULL, PRIMARY KEY (resource_id, ordinal)) WITHOUT ROWID;
    CREATE TABLE reservation (
      number INTEGER PRIMARY KEY, holding INTEGER NOT NULL, expires_at INTEGER NOT NULL,
      body BLOB NOT NULL);
    CREATE INDEX reservation_holding ON reservation (number) WHERE holding = 1;
    CREATE TABLE idempotency (
      buyer_id TEXT, key TEXT, number INTEGER NOT NULL,
      PRIMARY KEY (buyer_id, key)) WITHOUT ROWID;
    CREATE TABLE event (
      sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL,
      body BLOB NOT NULL);
    """

  // Rows of pools may be behind the log, from here on; before, every batch wrote all that it changed.
  private static let version5 = """
    ALTER TABLE lane ADD COLUMN pools_written_to INTEGER NOT NULL DEFAULT 0;
    UPDATE lane SET pools_written_to = next_sequence - 1;
    """

  // Instead of an index, which cost each reservation an entry.
  private static let version6 = """
    CREATE TABLE holding (page INTEGER PRIMARY KEY, numbers BLOB NOT NULL);
    """

  private static func fillHolding(_ database: Database) throws {
    let numbers = try Int64.fetchCursor(
      database, sql: "SELECT number FROM reservation WHERE holding = 1 ORDER BY number")
    var open: (index: UInt64, page: NumberPage)?
    func close() throws {
      guard let open else { return }
      try database.execute(
        sql: "INSERT INTO holding VALUES (?, ?)",
        arguments: [Int64(bitPattern: open.index), Data(open.page.bytes)])
    }
    while let number = try numbers.next().map({ UInt64(bitPattern: $0) }) {
      let index = NumberPage.index(of: number)
      if open?.index != index {
        try close()
        open = (index, NumberPage())
      }
      open?.page.set(number, true)
    }
    try close()
  }

  // What the events up to a sequence add up to; they may be gone.
  private static let version2 = """
    CREATE TABLE log_checkpoint (
      id INTEGER PRIMARY KEY CHECK (id = 0), sequence INTEGER NOT NULL,
      last_reservation INTEGER NOT NULL);
    INSERT INTO log_checkpoint VALUES (0, 0, 0);
    CREATE TABLE checkpoint_pool (
      resource_id TEXT, ordinal INTEGER, held INTEGER NOT NULL, consumed INTEGER NOT NULL,
      revision INTEGER NOT NULL, PRIMARY KEY (resource_id, ordinal)) WITHOUT ROWID;
    """

  // Keys of reservations are found by runs of hashes, which are made anew from the reservations where they are missing; see `KeyIndex`.
  private static let version3 = """
    CREATE TABLE adjustment_key (
      subject TEXT, key TEXT, number INTEGER NOT NULL, PRIMARY KEY (subject, key)) WITHOUT ROWID;
    INSERT INTO adjustment_key
      SELECT * FROM idempotency WHERE buyer_id >= char(1) AND buyer_id < char(2);
    DROP TABLE idempotency;
    CREATE TABLE key_run (
      id INTEGER PRIMARY KEY, last_number INTEGER NOT NULL, count INTEGER NOT NULL,
      filter BLOB NOT NULL, fences BLOB NOT NULL);
    CREATE TABLE key_page (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    """

  // The audit log. The ends of its chains are kept apart from it: the lane's in the lane's row, the others in a table. The
  // triggers are against mistakes; it is the hashes that tell of what was done on purpose.
  private static let version4 = """
    ALTER TABLE lane ADD COLUMN audit_sequence INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE lane ADD COLUMN audit_hash TEXT NOT NULL
      DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';
    CREATE TABLE audit_chain (
      chain TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE audit (
      chain TEXT, sequence INTEGER, at INTEGER NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
      PRIMARY KEY (chain, sequence));
    CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
    CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
      BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
    """
}
