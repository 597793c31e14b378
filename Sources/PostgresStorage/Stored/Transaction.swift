import Capacity
import CapacityEngine

/// The statements around others.
enum Transaction {
  static let begin = Statement("begin", "BEGIN ISOLATION LEVEL READ COMMITTED")
  static let beginReading = Statement(
    "begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
  /// From here on until the end nobody else decides in these lanes. All who lock several do it in this order, and the log last.
  static func lock(_ lanes: LaneSet) -> Query {
    var values = Values()
    values.append(lanes.map { StoredRecords.id(ofLane: $0) })
    return Query(lockLanes, values)
  }

  /// - Throws: `conflict` where `locked`, the answer to `lock`, are not so many: the store was given other lanes while it waited.
  static func check(_ locked: Rows, have count: Int) throws(StorageError) {
    guard locked.count == count else {
      throw StorageError(.conflict, "the store has other lanes now")
    }
  }

  /// Nor appends to the log and to the lanes' chain of the audit log.
  static let lockLog = Statement("lock_log", "SELECT id FROM lane WHERE id = 0 FOR UPDATE")

  private static let lockLanes = Statement(
    "lock_lanes", "SELECT id FROM lane WHERE id = ANY ($1::int8[]) ORDER BY id FOR UPDATE")
  static let commit = Statement("commit", "COMMIT")
  static let rollBack = Statement("roll_back", "ROLLBACK")
}
