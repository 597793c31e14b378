import Capacity
import CapacityEngine

/// One transaction. It holds the lane's lock, or one state of the store, until it ends.
final class PostgresUnitOfWork: UnitOfWork {
  private let connection: Connection
  private let pools: PoolRows
  private let committed: (UInt64) -> Void
  private(set) var records = Records()
  private(set) var news: StorageNews?
  private var isOpen = true

  /// Begins, in one round trip.
  ///
  /// - Parameter committed: told of the last event of what was committed.
  init(
    _ connection: Connection, _ access: StorageAccess, reading names: RecordNames,
    after known: LaneState, pools: PoolRows, committed: @escaping (UInt64) -> Void
  ) throws(StorageError) {
    self.connection = connection
    self.pools = pools
    self.committed = committed
    let named = NamedRecords(names)
    let first = [
      Query(access == .writing ? Transaction.begin : Transaction.beginReading),
      Query(access == .writing ? Transaction.lockLane : StoredRecords.laneRow),
      // By itself: the clock is read when the lane is ours.
      Query(Self.clock),
      EventChunks.query(after: StorageNews.start(known), limit: StorageNews.pageMax),
    ]
    do throws(StorageError) {
      let rows = try connection.exchange(first + named.queries)
      records = try named.records(rows.dropFirst(first.count))
      news = StorageNews(
        lane: try StoredRecords.lane(rows[1]), now: Instant(microseconds: try rows[2].int(0, 0)),
        page: try EventChunks.events(rows[3], after: StorageNews.start(known)), after: known)
    } catch {
      end()
      throw error
    }
  }

  deinit { end() }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    let named = NamedRecords(names)
    return try named.records(try connection.exchange(named.queries))
  }

  func commit(_ changes: ChangeSet) throws(StorageError) {
    defer { end() }
    guard isOpen, let news else {
      throw StorageError(.unavailable, "the unit of work has ended already")
    }
    try BatchStatements.write(
      changes, over: connection, pools, nextReservation: news.lane.nextReservation, after: nil)
    isOpen = false
    committed(changes.lane.nextSequence &- 1)
  }

  func end() {
    guard isOpen else { return }
    isOpen = false
    connection.endTransaction()
  }

  private static let clock = Statement(
    "clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")
}
