import Capacity
import CapacityEngine

/// Writes a batch of which memory alone decided, over the connection that is there for it: one round trip, on any thread.
struct PostgresBatchWrite: BatchWrite {
  private let link: WriteLink
  private let changes: ChangeSet
  private let pools: PoolRows
  private let known: StoreCounters

  /// - Parameter known: what the lanes of the batch must be.
  init(_ link: WriteLink, _ changes: ChangeSet, _ pools: PoolRows, after known: StoreCounters) {
    self.link = link
    self.changes = changes
    self.pools = pools
    self.known = known
  }

  func run() throws(StorageError) -> LogPlace {
    try link.use { (connection) throws(StorageError) in
      do throws(StorageError) {
        return try BatchStatements.write(
          changes, over: connection, pools, nextReservation: known.nextReservation, after: known)
      } catch {
        connection.endTransaction()
        throw error
      }
    }
  }
}
