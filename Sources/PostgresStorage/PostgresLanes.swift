import Capacity
package import CapacityEngine

/// How many lanes a store has: how many batches of nodes that serve different sellers can go side by side.
///
/// Nothing but the counters of lanes is written. Servers may be at work: their next batch finds another number of lanes, and they read the
/// store anew.
package enum PostgresLanes {
  /// The most that a store can have.
  package static let countMax = LaneSet.countMax

  /// - Throws: `corrupt` where there is no store, or one of another version.
  package static func count(_ settings: ConnectionSettings) throws(StorageError) -> Int {
    let connection = try Connection(settings.patient)
    try Schema.check(connection)
    return try StoredRecords(connection: connection).counters().marks.count
  }

  /// Gives a store `count` lanes, 1 to ``countMax``.
  /// - Returns: how many it had.
  package static func set(
    _ settings: ConnectionSettings, count: Int
  ) throws(StorageError) -> Int {
    let connection = try Connection(settings.patient)
    try Schema.check(connection)
    // Ends with the connection, should anything fail.
    let rows = try connection.exchange([
      Query(Transaction.begin), Schema.lock(settings.schema),
      Transaction.lock(.all(LaneSet.countMax)), Query(Transaction.lockLog),
      Query(StoredRecords.laneRows),
    ])
    let before = try StoredRecords.counters(rows[4])
    let written = count == before.marks.count ? [] : change(to: before.spread(over: count))
    _ = try connection.exchange(written + [Query(Transaction.commit)])
    return before.marks.count
  }

  /// Has the store's lanes be those of `state`, which are all alike.
  static func change(to state: StoreCounters) -> [Query] {
    var values = Values()
    values.append(state.marks.indices.map { StoredRecords.id(ofLane: $0) })
    values.append(state.nextReservation)
    values.append(state.nextSequence)
    values.append(state.lastDecision.microseconds)
    values.append(state.poolsWrittenTo)
    return [Query(deleteLanes), Query(insertLanes, values)]
  }

  private static let deleteLanes = Statement("delete_lanes", "DELETE FROM lane WHERE id > 0")

  private static let insertLanes = Statement(
    "insert_lanes",
    """
    INSERT INTO lane (id, next_reservation, next_sequence, last_decision, pools_written_to)
    SELECT id, $2::int8, $3::int8, $4::int8, $5::int8 FROM unnest($1::int8[]) AS id
    """)
}
