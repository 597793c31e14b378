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
  ///   - known: what the lane must be, of a transaction that begins here; nil: the lane is ours already, and the transaction is open.
  /// - Throws: `conflict` where the lane is another, a new key is not new, or the row of a pool is missing.
  static func write(
    _ changes: ChangeSet, over connection: Connection, _ pools: PoolRows, nextReservation: UInt64,
    after known: LaneState?
  ) throws(StorageError) {
    var queries = known == nil ? [] : [Query(Transaction.begin)]
    queries += try self.queries(
      for: changes, after: known, nextReservation: nextReservation, trustsPools: !pools.areMissing)
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
