internal import CapacityEngine
internal import MemoryStorage
internal import PostgresStorage
internal import SQLiteStorage

extension StorageChoice {
  /// Opens the store; a new one gets a random identity.
  func open() throws(StorageError) -> any Storage {
    let identity = StoreIdentity(namingKey: UInt64.random(in: 0...UInt64.max))
    switch self {
    case .sqlite(let path): return try SQLiteStorage.open(path: path, newIdentity: identity)
    case .postgres(let address):
      return try PostgresStorage.open(ConnectionSettings(address), newIdentity: identity)
    case .memory: return try MemoryStorage(MemoryStore(identity: identity))
    }
  }
}
