package import Capacity

/// The storage port: what the engine needs of a store. It knows records, not rules.
///
/// One thread, the lane's, owns a storage and calls it; nothing here is called from two threads. Every adapter passes
/// the one contract suite in Tests/StorageTests.
package protocol Storage: StoredContents {
  /// Who else writes to the store.
  var ownership: StorageOwnership { get }

  /// Begins a unit of work and reads the records that `names` names, safe against other writers until it ends.
  func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork

  /// Reservations with a number below `number` (nil: from the last), descending, at most `limit`; of one buyer those that
  /// its keys stand for, with `holdingOnly` those that still hold units.
  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation]

  /// Opens the log of the same store for another thread, while this is open.
  var openLog: EventLogOpener { get }

  /// Ends the use of the store. Nothing else is called afterwards.
  func close()
}

/// Records locked or versioned against other writers, until committed or dropped.
package protocol UnitOfWork: AnyObject {
  /// What `begin` read.
  var records: Records { get }

  /// Reads more, for what the first read revealed.
  func load(_ names: RecordNames) throws(StorageError) -> Records

  /// Writes all of `changes`, atomically and durably: when it returns they survive a crash, when it throws the caller
  /// must treat them as not written.
  func commit(_ changes: ChangeSet) throws(StorageError)
}

/// Who else writes to a store.
package enum StorageOwnership: Sendable {
  /// This process alone: records may be kept in memory between batches.
  case exclusive
  /// Other nodes too: records are read anew for each batch.
  case shared
}

/// What a store is given when it is created.
package struct StoreIdentity: Equatable, Sendable {
  /// The key of the permutations that spell reservation ids and codes.
  package var namingKey: UInt64

  package init(namingKey: UInt64) {
    self.namingKey = namingKey
  }
}
