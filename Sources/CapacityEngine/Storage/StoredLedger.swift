package import Capacity

/// What a store shows to whoever checks it: the log, and what is counted from it.
package protocol StoredLedger: AuditLog {
  /// Its counters; a new store has those of `StoreCounters()`.
  func counters() throws(StorageError) -> StoreCounters

  /// Stored pools behind `key` (nil: from the first), in the order of their keys, at most `limit`.
  func pools(after key: PoolKey?, limit: Int) throws(StorageError) -> [(key: PoolKey, pool: Pool)]

  /// Reservations with a number above `number`, ascending, at most `limit`; with `holdingOnly` those that still hold units.
  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation]

  /// Events with a sequence above `sequence`, ascending, at most `limit`.
  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event]

  /// The place from which the log counts; a log that is whole has the one of `LogCheckpoint()`.
  func checkpoint() throws(StorageError) -> LogCheckpoint

  /// The pools of the checkpoint behind `key` (nil: from the first), in the order of their keys, at most `limit`.
  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)]

  /// Reservations that were closed before may be missing; nil: none is.
  func closedKeptFrom() throws(StorageError) -> Instant?
}

extension StoredLedger {
  package func closedKeptFrom() throws(StorageError) -> Instant? { nil }
}
