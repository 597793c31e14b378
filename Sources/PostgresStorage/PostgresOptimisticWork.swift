import Capacity
import CapacityEngine

/// A batch for which the database is asked nothing before it is written: what memory knows is taken to be true, and the commit
/// fails where a lane of it has moved.
final class PostgresOptimisticWork: OptimisticWork {
  private let link: WriteLink
  private let pools: PoolRows
  private let committed: (UInt64) -> Void

  /// - Parameter committed: told of the last event of what was committed.
  init(_ link: WriteLink, pools: PoolRows, committed: @escaping (UInt64) -> Void) {
    self.link = link
    self.pools = pools
    self.committed = committed
  }

  func prepare(_ changes: ChangeSet, after known: StoreCounters) -> any BatchWrite {
    PostgresBatchWrite(link, changes, pools, after: known)
  }

  func finish(_ changes: ChangeSet, _ error: StorageError?) {
    if error == nil { committed(changes.counters.nextSequence &- 1) }
  }
}
