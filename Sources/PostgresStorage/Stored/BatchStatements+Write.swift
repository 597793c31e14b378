import Capacity
import CapacityEngine

extension BatchStatements {
  // Nothing else divides.
  private static let missingPool = "PostgreSQL 22012"
  // Nothing else is no number.
  private static let movedLane = "PostgreSQL 22P02"

  /// Writes and commits `changes`, in one round trip.
  ///
  /// - Parameters:
  ///   - nextReservation: numbers from here on are new.
  ///   - known: what the lanes of the batch must be, of a transaction that begins here; nil: they are ours already, and the transaction
  ///     is open.
  /// - Returns: where it stands in the log.
  /// - Throws: `conflict` where a lane is another, a new key is not new, or the row of a pool is missing.
  static func write(
    _ changes: ChangeSet, over connection: Connection, _ pools: PoolRows, nextReservation: UInt64,
    after known: StoreCounters?
  ) throws(StorageError) -> LogPlace {
    var queries: [Query] = []
    if let known { queries += [Query(Transaction.begin), lock(changes, after: known)] }
    queries += try rows(
      of: changes, nextReservation: nextReservation, trustsPools: !pools.areMissing)
    let append = queries.count
    queries.append(try self.append(changes))
    // One lane has nobody beside it.
    if changes.counters.marks.count > 1 { queries += others(changes) }
    queries.append(Query(Transaction.commit))
    let answers: [Rows]
    do throws(StorageError) {
      answers = try connection.exchange(queries)
    } catch {
      throw told(error, pools)
    }
    // What a server answers that took it for a roll-back.
    guard answers.last?.tag == "COMMIT" else {
      throw StorageError(.unavailable, "the database did not commit")
    }
    return try place(changes, answers[append...])
  }

  // - Parameter answers: to `append`, and to what comes behind it.
  private static func place(
    _ changes: ChangeSet, _ answers: ArraySlice<Rows>
  ) throws(StorageError) -> LogPlace {
    let start = answers.startIndex
    let first = try answers[start].uint(0, 0)
    guard changes.counters.marks.count > 1 else {
      return LogPlace(first: first, state: changes.counters)
    }
    let events = try EventChunks.events(answers[start + 2], after: changes.firstSequence - 1)
    return LogPlace(
      first: first, state: try StoredRecords.counters(answers[start + 1]),
      others: events.filter { $0.sequence < first })
  }

  private static func told(_ error: StorageError, _ pools: PoolRows) -> StorageError {
    if error.detail.hasPrefix(movedLane) {
      return StorageError(.conflict, "another node came first")
    }
    guard error.detail.hasPrefix(missingPool), !pools.areMissing else { return error }
    pools.areMissing = true
    return StorageError(.conflict, "the row of a pool is missing; it will be put there")
  }
}
