package import Capacity

/// Shows a whole store to an audit or a repair, page by page.
///
/// The store must not change meanwhile: it is read in a snapshot, or nobody else has it.
package enum StoreAudit {
  private static let pageSize = 1000

  /// Recomputes everything from the log and compares.
  package static func run(
    _ store: any StoredLedger, observer: ProgressObserver? = nil
  ) throws(StorageError) -> LedgerAudit {
    var audit = LedgerAudit(
      from: try store.checkpoint(), closedKeptFrom: try store.closedKeptFrom())
    var count = try AuditCount(store, observer)
    try eachBalance(store) { audit.add(balance: $1, of: $0) }
    try eachEvent(store, after: audit.checkpoint) {
      audit.add($0)
      count.add(1)
    }
    audit.check(try store.counters())
    var listed = ListedHolds(store)
    try eachReservation(store) { (reservation) throws(StorageError) in
      audit.check(reservation, isListed: try listed.take(reservation.number))
      count.add(1)
    }
    try StoredPools(of: store).each { (key, pool, _) in audit.check(pool, for: key) }
    audit.finish()
    return audit
  }

  /// Finds what it takes to bring counters and log into agreement again; writes nothing.
  ///
  /// - Parameters:
  ///   - now: when it is repaired.
  ///   - actor: who repairs.
  /// - Returns: what is put right, and what has to be written for it.
  package static func repair(
    _ store: any StoredLedger, _ audit: LedgerAudit, at now: Instant, actor: String
  ) throws(StorageError) -> (entries: [LedgerRepair.Entry], changes: ChangeSet) {
    var repair = LedgerRepair(audit, try store.counters(), at: now, actor: actor)
    try correct(store, audit, &repair)
    try eachReservation(store) { repair.settle($0) }
    try StoredPools(of: store).each { (key, pool, _) in repair.settle(pool, for: key) }
    let changes = repair.finish()
    return (repair.entries, changes)
  }

  private static func correct(
    _ store: any StoredLedger, _ audit: LedgerAudit, _ repair: inout LedgerRepair
  ) throws(StorageError) {
    let wrong = audit.wrongReservations
    guard !wrong.isEmpty else { return }
    var logged: [UInt64: Reservation] = [:]
    try eachEvent(store, after: audit.checkpoint) { event in
      if case .reservation(let reservation) = event.subject, wrong.contains(reservation.number) {
        logged[reservation.number] = reservation
      }
    }
    var stored: [UInt64: Reservation] = [:]
    try eachReservation(store) { if wrong.contains($0.number) { stored[$0.number] = $0 } }
    for number in wrong.sorted() {
      repair.correct(stored: stored[number], logged: logged[number])
    }
  }

  // MARK: Pages

  private static func eachBalance(
    _ store: any StoredLedger, _ visit: (PoolKey, Pool) -> Void
  ) throws(StorageError) {
    var last: PoolKey?
    repeat {
      let page = try store.balances(after: last, limit: pageSize)
      for entry in page { visit(entry.key, entry.pool) }
      last = page.last?.key
    } while last != nil
  }

  private static func eachEvent(
    _ store: any StoredLedger, after checkpoint: LogCheckpoint, _ visit: (Event) -> Void
  ) throws(StorageError) {
    var last: UInt64? = checkpoint.sequence
    while let sequence = last {
      let page = try store.events(after: sequence, limit: pageSize)
      page.forEach(visit)
      last = page.last?.sequence
    }
  }

  private static func eachReservation(
    _ store: any StoredLedger, _ visit: (Reservation) throws(StorageError) -> Void
  ) throws(StorageError) {
    var last: UInt64? = 0
    while let number = last {
      let page = try store.reservations(after: number, limit: pageSize, holdingOnly: false)
      for reservation in page { try visit(reservation) }
      last = page.last?.number
    }
  }

  /// What a start would find to hold units, for those who go through all reservations.
  private struct ListedHolds {
    private let store: any StoredLedger
    private var numbers: ArraySlice<UInt64> = []
    private var last: UInt64? = 0

    init(_ store: any StoredLedger) {
      self.store = store
    }

    /// Whether `number` is listed; to be asked in ascending order.
    mutating func take(_ number: UInt64) throws(StorageError) -> Bool {
      while true {
        if let next = numbers.first {
          if next > number { return false }
          numbers.removeFirst()
          if next == number { return true }
          continue
        }
        guard let after = last else { return false }
        let page = try store.reservations(after: after, limit: pageSize, holdingOnly: true)
        numbers = page.map(\.number)[...]
        last = page.last?.number
      }
    }
  }
}
