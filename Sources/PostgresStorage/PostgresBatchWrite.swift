import Capacity
import CapacityEngine

/// The part of a commit that needs nothing of the lane: one round trip.
///
/// Whoever runs it has the connection to itself until it returns; that is why it can go to another thread although a connection is
/// used by one at a time.
struct PostgresBatchWrite: BatchWrite, @unchecked Sendable {
  // Nothing else divides.
  private static let missingPool = "PostgreSQL 22012"
  // Nothing else is no number.
  private static let movedLane = "PostgreSQL 22P02"

  private let connection: Connection
  private let changes: ChangeSet
  private let pools: PoolRows
  private let nextReservation: UInt64
  private let known: LaneState?

  /// - Parameters:
  ///   - nextReservation: numbers from here on are new.
  ///   - known: what the lane must be, of which the transaction begins here; nil: it is ours already, and so is the transaction.
  init(
    _ connection: Connection, _ changes: ChangeSet, _ pools: PoolRows, nextReservation: UInt64,
    known: LaneState? = nil
  ) {
    self.connection = connection
    self.changes = changes
    self.pools = pools
    self.nextReservation = nextReservation
    self.known = known
  }

  func run() throws(StorageError) {
    var queries = known == nil ? [] : [Query(Transaction.begin)]
    queries += try BatchStatements.queries(
      for: changes, after: known, nextReservation: nextReservation, trustsPools: !pools.areMissing)
    queries.append(Query(Transaction.commit))
    let answers: [Rows]
    do throws(StorageError) {
      answers = try connection.exchange(queries)
    } catch {
      throw told(error)
    }
    // What a server answers that took it for a roll-back.
    guard answers.last?.tag == "COMMIT" else {
      throw StorageError(.unavailable, "the database did not commit")
    }
  }

  private func told(_ error: StorageError) -> StorageError {
    if error.detail.hasPrefix(Self.movedLane), known != nil {
      return StorageError(.conflict, "another node came first")
    }
    guard error.detail.hasPrefix(Self.missingPool), !pools.areMissing else { return error }
    pools.areMissing = true
    return StorageError(.conflict, "the row of a pool is missing; it will be put there")
  }
}
