import Capacity
import CapacityEngine

/// A batch for which the database is asked nothing before it is written: what memory knows is taken to be true, and the commit
/// fails where the lane has moved.
final class PostgresOptimisticWork: OptimisticWork {
  private let link: WriteLink
  private let known: LaneState
  private let pools: PoolRows
  private let committed: (UInt64) -> Void

  /// - Parameters:
  ///   - known: the lane as the batch before leaves it.
  ///   - committed: told of the last event of what was committed.
  init(
    _ link: WriteLink, after known: LaneState, pools: PoolRows,
    committed: @escaping (UInt64) -> Void
  ) {
    self.link = link
    self.known = known
    self.pools = pools
    self.committed = committed
  }

  func prepare(_ changes: ChangeSet) -> any BatchWrite {
    PostgresBatchWrite(link, changes, pools, after: known)
  }

  func finish(_ changes: ChangeSet, _ error: StorageError?) {
    if error == nil { committed(changes.lane.nextSequence &- 1) }
  }
}
