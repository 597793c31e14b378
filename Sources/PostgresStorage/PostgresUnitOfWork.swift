import Capacity
import CapacityEngine

/// One transaction. It holds the locks of its lanes, or one state of the store, until it ends.
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
    after known: StoreCounters, pools: PoolRows, committed: @escaping (UInt64) -> Void
  ) throws(StorageError) {
    self.connection = connection
    self.pools = pools
    self.committed = committed
    let named = NamedRecords(names)
    var queries = [Query(access.isWriting ? Transaction.begin : Transaction.beginReading)]
    if case .writing(let lanes, let withAudit) = access {
      queries.append(Transaction.lock(lanes))
      if withAudit { queries.append(Query(Transaction.lockLog)) }
    }
    // By itself: the clock is read when the lanes are ours.
    let clock = queries.count
    // The counters before the events, so that none of those that they speak of is missing.
    queries += [
      Query(Self.clock), Query(StoredRecords.laneRows),
      EventChunks.query(after: StorageNews.start(known), limit: StorageNews.pageMax),
    ]
    do throws(StorageError) {
      let rows = try connection.exchange(queries + named.queries)
      records = try named.records(rows.dropFirst(queries.count))
      let counters = try StoredRecords.counters(rows[clock + 1])
      if case .writing(let lanes, _) = access {
        try Transaction.check(rows[1], have: lanes.intersection(counters.allLanes).count)
      }
      news = StorageNews(
        counters: counters,
        now: Instant(microseconds: try rows[clock].int(0, 0)),
        page: try EventChunks.events(rows[clock + 2], after: StorageNews.start(known)),
        after: known)
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

  func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    defer { end() }
    guard isOpen, let news else {
      throw StorageError(.unavailable, "the unit of work has ended already")
    }
    let place = try BatchStatements.write(
      changes, over: connection, pools, nextReservation: news.counters.nextReservation, after: nil)
    isOpen = false
    committed(place.state.nextSequence &- 1)
    return place
  }

  func end() {
    guard isOpen else { return }
    isOpen = false
    connection.endTransaction()
  }

  private static let clock = Statement(
    "clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")
}
