import Capacity
import CapacityEngine

/// The rows of the log: neighbouring events of one batch share a row, for a row and its index entry cost the database more than
/// the event in them.
///
/// A body is event behind event, each behind its length (four bytes, the highest first). `sequence` is the last event's, `first`
/// the first one's that still counts: what is in front of it was trimmed away. The events of a row follow one another without a
/// gap, so that rows can be counted without being read, and so that they say where each event stands: what a body says of that is
/// what its writer knew, and others may have come before it.
enum EventChunks {
  /// A row with a longer body has one event only. It fits into a page of the database with all that belongs to it.
  static let bytesMax = 8_000
  private static let prefixCount = 4

  // MARK: Writing

  /// Appends the rows of `events` to the values of a statement: last and first of each, counted from `start`, and bodies.
  static func append(
    _ events: [Event], numberedFrom start: UInt64, to values: inout Values
  ) throws(StorageError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(events.count * 256)
    var chunks: [Chunk] = []
    for event in events {
      let border = bytes.count
      bytes.append(contentsOf: [0, 0, 0, 0])
      try RecordCodec.encode(event, into: &bytes)
      bytes.writeBigEndian(UInt32(bytes.count - border - prefixCount), at: border)
      if let last = chunks.last, last.last + 1 == event.sequence,
        bytes.count - last.bytes.lowerBound <= bytesMax
      {
        chunks[chunks.count - 1].extend(to: bytes.count)
      } else {
        chunks.append(
          Chunk(first: event.sequence, last: event.sequence, bytes: border..<bytes.count))
      }
    }
    values.append(chunks.map { Int64(bitPattern: $0.last &- start) })
    values.append(chunks.map { Int64(bitPattern: $0.first &- start) })
    // Nothing in it can fail.
    try? values.append(array: .bytea, count: chunks.count, reserving: bytesMax) { index, to in
      to += bytes[chunks[index].bytes]
    }
  }

  private struct Chunk {
    var first: UInt64
    var last: UInt64
    var bytes: Range<Int>

    mutating func extend(to end: Int) {
      last += 1
      bytes = bytes.lowerBound..<end
    }
  }

  // MARK: Reading

  /// The rows that have something behind `sequence`, at most `limit` of them.
  static func query(after sequence: UInt64, limit: Int) -> Query {
    var values = Values()
    values.append(Int64(clamping: sequence))
    values.append(Int64(limit))
    return Query(page, values)
  }

  /// The events behind `sequence` in `rows`, which are those of `page`.
  static func events(_ rows: Rows, after sequence: UInt64) throws(StorageError) -> [Event] {
    var all: [Event] = []
    for row in 0..<rows.count {
      let first = max(try rows.uint(row, 0), sequence == .max ? .max : sequence + 1)
      try each(rows, row) { (number, body) throws(StorageError) in
        guard number >= first else { return }
        var event = try RecordCodec.decodeEvent(Array(body))
        event.sequence = number
        all.append(event)
      }
    }
    return all
  }

  /// How many bytes the bodies of the events have that `rows`, those of `page`, have behind `sequence` and up to `last`.
  static func bytes(
    _ rows: Rows, after sequence: UInt64, through last: UInt64
  ) throws(StorageError) -> Int {
    var count = 0
    for row in 0..<rows.count {
      let first = try rows.uint(row, 0)
      try each(rows, row) { (number, body) throws(StorageError) in
        if number > sequence, number <= last, number >= first { count += body.count }
      }
    }
    return count
  }

  // Calls `visit` with the number and the body of each event in a row, the trimmed ones too.
  private static func each(
    _ rows: Rows, _ row: Int,
    _ visit: (_ number: UInt64, _ body: ArraySlice<UInt8>) throws(StorageError) -> Void
  ) throws(StorageError) {
    let bodies = try bodies(rows.bytes(row, 1))
    let behind = try rows.uint(row, 2) &+ 1
    for (index, body) in bodies.enumerated() {
      try visit(behind &- UInt64(bodies.count - index), body)
    }
  }

  private static func bodies(_ bytes: [UInt8]) throws(StorageError) -> [ArraySlice<UInt8>] {
    var rest = bytes[...]
    var all: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      guard rest.count > prefixCount else { throw damaged }
      let length = rest.prefix(prefixCount).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(prefixCount)
      guard length > 0, length <= rest.count else { throw damaged }
      all.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return all
  }

  private static let damaged = StorageError(.corrupt, "a row of the log is damaged")

  // MARK: Statements

  private static let page = Statement(
    "event_page",
    """
    SELECT first, body, sequence FROM event WHERE shard_key = 0 AND sequence > $1::int8
    ORDER BY sequence LIMIT $2::int8
    """)
}
