package import CapacityEngine

/// Makes a store beside its place, has it filled, and puts it there when it is whole.
package enum NewSQLiteStore {
  /// - Throws: `conflict` where there is a file already; what `body` throws. There is no store then.
  package static func make<Result>(
    path: String, _ identity: StoreIdentity,
    _ body: (any Storage) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    let lock = try StoreLock(path: path)
    defer { withExtendedLifetime(lock) {} }
    let (target, made) = (StoreFile(path), StoreFile(path + ".importing"))
    guard !target.exists else { throw StorageError(.conflict, "there is a store at \(path)") }
    made.remove()
    defer { StoreFile(made.path + ".lock").remove() }
    do throws(StorageError) {
      let result = try fill(made, identity, body)
      try made.fold()
      try made.sync()
      try made.rename(to: target)
      return result
    } catch {
      made.remove()
      throw error
    }
  }

  private static func fill<Result>(
    _ made: StoreFile, _ identity: StoreIdentity,
    _ body: (any Storage) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    let storage = try SQLiteStorage.open(path: made.path, newIdentity: identity)
    defer { storage.close() }
    return try body(storage)
  }
}
