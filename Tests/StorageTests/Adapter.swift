import Capacity
import CapacityEngine
import Foundation
import MemoryStorage
import PostgresServer
import PostgresStorage
import SQLiteStorage
import TemporaryFolders

/// The adapters that the contract suite runs on. A new one is a case here.
enum Adapter: CaseIterable, Sendable {
  case memory, sqlite, postgres

  /// Those that one process has for itself.
  static let exclusive: [Adapter] = [.memory, .sqlite]

  /// A new, empty place for a store.
  func place() throws -> any StorePlace {
    switch self {
    case .memory: MemoryPlace()
    case .sqlite: try SQLitePlace()
    case .postgres: try PostgresPlace()
    }
  }
}

/// Where a store lives: it can be opened, closed and opened again.
protocol StorePlace: AnyObject {
  func open(_ identity: StoreIdentity) throws(StorageError) -> any Storage
}

extension StorePlace {
  func open() throws(StorageError) -> any Storage {
    try open(StoreIdentity(namingKey: 0xFEED_FACE_CAFE_BEEF))
  }
}

final class MemoryPlace: StorePlace {
  private var store: MemoryStore?

  func open(_ identity: StoreIdentity) throws(StorageError) -> any Storage {
    let store = self.store ?? MemoryStore(identity: identity)
    self.store = store
    return try MemoryStorage(store)
  }
}

final class SQLitePlace: StorePlace {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  var path: String { folder.path + "/cupo.db" }

  func open(_ identity: StoreIdentity) throws(StorageError) -> any Storage {
    try SQLiteStorage.open(path: path, newIdentity: identity)
  }
}

/// A schema of its own in the tests' database.
final class PostgresPlace: StorePlace {
  let settings: ConnectionSettings

  init() throws {
    settings = try PostgresServer.newPlace()
  }

  func open(_ identity: StoreIdentity) throws(StorageError) -> any Storage {
    try PostgresStorage.open(settings, newIdentity: identity)
  }
}
