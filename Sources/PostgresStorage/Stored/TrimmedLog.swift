import CapacityEngine

/// Measures the log, and takes its beginning away, over one connection.
struct TrimmedLog {
  let connection: Connection

  /// How many bytes the bodies of the events above `sequence` and up to `last` have.
  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    var values = Values()
    values.append(Int64(clamping: sequence))
    values.append(Int64(clamping: last))
    let rows = try connection.exchange([
      EventChunks.query(after: sequence, limit: 1), EventChunks.query(after: last, limit: 1),
      Query(Self.inner, values),
    ])
    var count = Int(try rows[2].int(0, 0))
    count += try EventChunks.bytes(rows[0], after: sequence, through: last)
    // At both ends rows count in part; they may be one and the same.
    guard rows[1].count == 1, try rows[1].int(0, 2) != (rows[0].count == 1 ? rows[0].int(0, 2) : 0)
    else { return count }
    count += try EventChunks.bytes(rows[1], after: sequence, through: last)
    return count
  }

  /// Takes away the oldest events that the checkpoint covers, at most `limit`. In one transaction, which the caller ends where it
  /// throws.
  func trim(limit: Int) throws(StorageError) -> Int {
    var values = Values()
    values.append(Int64(limit))
    let rows = try connection.exchange([Query(Transaction.begin), Query(Self.oldest, values)])[1]
    let cut = try cut(rows, limit)
    var queries: [Query] = []
    if let last = cut.lastGone {
      var values = Values()
      values.append(last)
      queries.append(Query(Self.delete, values))
    }
    if let (sequence, first) = cut.shortened {
      var values = Values()
      values.append(sequence)
      values.append(first)
      queries.append(Query(Self.shorten, values))
    }
    _ = try connection.exchange(queries + [Query(Transaction.commit)])
    return cut.count
  }

  private struct Cut {
    var count = 0
    var lastGone: UInt64?
    var shortened: (sequence: UInt64, first: UInt64)?
  }

  private func cut(_ rows: Rows, _ limit: Int) throws(StorageError) -> Cut {
    var cut = Cut()
    for row in 0..<rows.count {
      let (sequence, first) = (try rows.uint(row, 0), try rows.uint(row, 1))
      let covered = min(sequence, try rows.uint(row, 2))
      let count = min(Int(clamping: covered &- first &+ 1), limit - cut.count)
      guard count > 0 else { break }
      cut.count += count
      guard first + UInt64(count) > sequence else {
        cut.shortened = (sequence, first + UInt64(count))
        break
      }
      cut.lastGone = sequence
    }
    return cut
  }

  // Without the first row, of which a part may be gone.
  private static let inner = Statement(
    "size",
    """
    SELECT coalesce(sum(length(body) - 4 * (sequence - first + 1)), 0)::int8
    FROM (
      SELECT sequence, first, body FROM event
      WHERE shard_key = 0 AND sequence > $1::int8 AND sequence <= $2::int8
      ORDER BY sequence OFFSET 1) AS whole
    """)

  // Up to the first row that reaches to the checkpoint.
  private static let oldest = Statement(
    "oldest_events",
    """
    SELECT event.sequence, first, log_checkpoint.sequence FROM event, log_checkpoint
    WHERE shard_key = 0 AND log_checkpoint.id = 0 AND first <= log_checkpoint.sequence
      AND event.sequence <= greatest(log_checkpoint.sequence, (
        SELECT min(sequence) FROM event WHERE shard_key = 0 AND sequence >= (
          SELECT sequence FROM log_checkpoint WHERE id = 0)))
    ORDER BY event.sequence LIMIT $1::int8 FOR UPDATE OF event
    """)

  private static let delete = Statement(
    "delete_events", "DELETE FROM event WHERE shard_key = 0 AND sequence <= $1::int8")

  private static let shorten = Statement(
    "shorten_events",
    "UPDATE event SET first = $2::int8 WHERE shard_key = 0 AND sequence = $1::int8")
}
