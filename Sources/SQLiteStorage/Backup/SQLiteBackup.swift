package import Capacity
package import CapacityEngine

/// Writes one state of a store into a file, also while a server writes to it.
package enum SQLiteBackup {
  /// - Parameters:
  ///   - path: the store.
  ///   - file: where it goes; in its place only when it is whole, right and on the disk.
  ///   - isReplacing: whether a file that is there may go.
  /// - Returns: what the backup has.
  /// - Throws: `conflict` where the file is there; `corrupt` where the store is not right.
  package static func write(
    _ path: String, to file: String, isReplacing: Bool, observer: ProgressObserver?
  ) throws(StorageError) -> LedgerAudit {
    let target = StoreFile(file)
    guard !target.isSame(as: StoreFile(path)) else {
      throw StorageError(.conflict, "\(file) is the store itself")
    }
    guard isReplacing || !target.exists else {
      throw StorageError(.conflict, "\(file) is there already")
    }
    try Schema.check(path: path)
    // Two at the same time for one file would write into each other's.
    let lock = try lock(file)
    defer {
      StoreFile(file + ".lock").remove()
      withExtendedLifetime(lock) {}
    }
    let partial = StoreFile(file + ".partial")
    do throws(StorageError) {
      try StoreCopy(source: path, destination: partial, step: "copying").run(observer)
      let audit = try StoreCheck.run(partial.path, observer)
      try partial.sync()
      try partial.rename(to: target)
      return audit
    } catch {
      partial.remove()
      throw error
    }
  }

  private static func lock(_ file: String) throws(StorageError) -> StoreLock {
    do throws(StorageError) {
      return try StoreLock(path: file)
    } catch {
      guard error.kind == .inUse else { throw error }
      throw StorageError(.inUse, "another backup is being written to \(file)")
    }
  }
}
