package import CapacityEngine

/// Brings a store to the form that this version of Cupo works with, without serving it. Servers of the version before may run
/// meanwhile, but where tables are older than version 3.
package enum PostgresMigration {
  /// The form of the store, and the one that this version works with.
  ///
  /// - Throws: `corrupt` where there is no store or one of a newer version.
  package static func versions(
    _ settings: ConnectionSettings
  ) throws(StorageError) -> (stored: Int, newest: Int) {
    let stored = try Schema.version(try Connection(settings.patient))
    guard stored > 0 else { throw Schema.noStore }
    return (stored, Schema.version)
  }

  /// Migrates the store, which must exist.
  ///
  /// - Throws: `inUse` where servers must be stopped for it.
  package static func run(
    _ settings: ConnectionSettings
  ) throws(StorageError) -> (from: Int, to: Int) {
    let before = try versions(settings)
    try Schema.prepare(settings, newIdentity: StoreIdentity(namingKey: 0))
    return (before.stored, try versions(settings).stored)
  }
}
