internal import CapacityEngine
internal import PostgresStorage
internal import SQLiteStorage

extension StorageChoice {
  /// Makes a new store with `identity` and has `body` fill it. Where that fails it is as if it had never been.
  ///
  /// - Throws: `conflict` where there is a store already.
  func fillNew<Result>(
    _ identity: StoreIdentity, _ body: (any Storage) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    switch self {
    case .sqlite(let path):
      return try NewSQLiteStore.make(path: path, identity, body)
    case .postgres(let address):
      return try NewPostgresStore.make(ConnectionSettings(address), identity, body)
    case .memory:
      throw StorageError(.conflict, "what is imported into memory is gone at once")
    }
  }
}
