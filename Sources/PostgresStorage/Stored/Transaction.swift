/// The statements around others.
enum Transaction {
  static let begin = Statement("begin", "BEGIN ISOLATION LEVEL READ COMMITTED")
  static let beginReading = Statement(
    "begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
  /// From here on until the end nobody else decides.
  static let lockLane = Statement(
    "lock_lane", "SELECT \(StoredRecords.laneColumns) FROM lane WHERE id = 0 FOR UPDATE")
  static let commit = Statement("commit", "COMMIT")
  static let rollBack = Statement("roll_back", "ROLLBACK")
}
