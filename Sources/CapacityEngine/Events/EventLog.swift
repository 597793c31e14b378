package import Capacity

/// The log of a store, for a thread that works beside the lane's: it reads pages, and takes old events away.
///
/// What one object offers is used from one thread at a time. It is the lane that appends.
package protocol EventLog: AuditLog {
  /// Events with a sequence above `sequence`, ascending, at most `limit`.
  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event]

  /// See ``StoreCounters/poolsWrittenTo``: what is behind it is needed to know the pools.
  func poolsWrittenTo() throws(StorageError) -> UInt64

  /// How many bytes the bodies of the events above `sequence` and up to `last` have.
  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int

  /// The last checkpoint; a log that is whole has the one of `LogCheckpoint()`.
  func checkpoint() throws(StorageError) -> LogCheckpoint

  /// What `keys` had at the checkpoint. One that is missing was untouched.
  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool]

  /// Writes a later checkpoint, atomically and durably; `balances` are those that differ from the one before.
  ///
  /// - Parameter previous: the one that it counts on from.
  /// - Throws: `conflict` where another node has written one since.
  func write(
    _ checkpoint: LogCheckpoint, replacing previous: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError)

  /// Takes away the oldest events that the checkpoint covers, at most `limit`.
  /// - Returns: how many there were.
  func trim(limit: Int) throws(StorageError) -> Int

  /// Looks at the reservations with numbers above `number`, ascending, at most `limit`, up to the first that was made at
  /// `instant` or later. Those that were closed before `instant` go, each with its key, and ``StoredLedger/closedKeptFrom()``
  /// says so from then on: all of it in one transaction. With a `limit` of 0 it only says so.
  func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage

  /// Appends `records` to a system chain, the one of this writer: atomically, and without waiting for a lane that decides.
  func append(_ records: [AuditRecord]) throws(StorageError)
}

extension EventLog {
  /// For stores that keep everything.
  package func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) throws(StorageError) -> ForgottenPage {
    throw StorageError(.unavailable, "this kind of store keeps closed reservations for ever")
  }
}

extension EventLog {
  /// The same where nobody else can have written one since the last.
  package func write(
    _ checkpoint: LogCheckpoint, balances: [PoolKey: Pool]
  ) throws(StorageError) {
    try write(checkpoint, replacing: try self.checkpoint(), balances: balances)
  }
}

/// How another thread opens the log of a store that is open.
package typealias EventLogOpener = @Sendable () throws(StorageError) -> any EventLog
