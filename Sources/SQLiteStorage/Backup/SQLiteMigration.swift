package import CapacityEngine

/// Brings a store to the form that this version of Cupo works with, without serving it.
package enum SQLiteMigration {
  /// The form of the store at `path`, and the one that this version works with.
  ///
  /// - Throws: `corrupt` for a file that is no store or one of a newer version.
  package static func versions(path: String) throws(StorageError) -> (
    stored: String, newest: String
  ) {
    try Schema.versions(path: path)
  }

  /// Migrates the store at `path`, which must exist.
  ///
  /// - Throws: `inUse` while it is served.
  package static func run(path: String) throws(StorageError) -> (from: String, to: String) {
    let before = try versions(path: path)
    let storage = try SQLiteStorage.open(path: path, newIdentity: StoreIdentity(namingKey: 0))
    storage.close()
    return (before.stored, try versions(path: path).stored)
  }
}
