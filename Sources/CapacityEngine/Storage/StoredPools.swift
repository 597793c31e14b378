package import Capacity

/// The pools of a store as its log leaves them: a row may be behind (``StoreCounters/poolsWrittenTo``), and the events since have
/// the pool's balance. Whoever wants to know the pools of a store asks here and never the rows alone.
///
/// The store must not change meanwhile: it is read in a snapshot, or nobody else writes.
package struct StoredPools {
  private static let pageSize = 10_000
  private static let eventsPerPage = 1_000

  private let store: any StoredLedger
  // Balances in events behind `poolsWrittenTo`, each pool's newest.
  private var logged: [PoolKey: Pool] = [:]

  /// Reads the part of the log that rows may lack.
  package init(of store: any StoredLedger) throws(StorageError) {
    self.store = store
    var last: UInt64? = try store.counters().poolsWrittenTo
    while let sequence = last {
      let page = try store.events(after: sequence, limit: Self.eventsPerPage)
      for event in page { for movement in event.movements { add(movement) } }
      last = page.last?.sequence
    }
  }

  private mutating func add(_ movement: Movement) {
    // It also says how a pool stands that it leaves alone, and that may never have been touched.
    guard movement.balance.revision > logged[movement.pool]?.revision ?? 0 else { return }
    logged[movement.pool] = movement.balance
  }

  /// Calls `visit` with every pool in the order of their keys, and whether its row is as it is told here.
  package func each(
    _ visit: (_ key: PoolKey, _ pool: Pool, _ isWritten: Bool) throws(StorageError) -> Void
  ) throws(StorageError) {
    var rest = logged.keys.sorted()[...]
    try eachRow { (key, row) throws(StorageError) in
      // Those without a row; there are none unless somebody took rows away.
      while let first = rest.first, first < key { try visitNext(&rest, visit) }
      if rest.first == key { rest.removeFirst() }
      if let balance = logged[key], balance.revision > row.revision {
        try visit(key, balance, false)
      } else {
        try visit(key, row, true)
      }
    }
    while !rest.isEmpty { try visitNext(&rest, visit) }
  }

  private func visitNext(
    _ rest: inout ArraySlice<PoolKey>,
    _ visit: (_ key: PoolKey, _ pool: Pool, _ isWritten: Bool) throws(StorageError) -> Void
  ) throws(StorageError) {
    let key = rest.removeFirst()
    try visit(key, logged[key] ?? .untouched, false)
  }

  private func eachRow(
    _ visit: (_ key: PoolKey, _ row: Pool) throws(StorageError) -> Void
  ) throws(StorageError) {
    var last: PoolKey?
    repeat {
      let page = try store.pools(after: last, limit: Self.pageSize)
      for entry in page { try visit(entry.key, entry.pool) }
      last = page.count == Self.pageSize ? page.last?.key : nil
    } while last != nil
  }
}
