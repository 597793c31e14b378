import Capacity
import CapacityEngine

/// What a disk holds, as values.
struct DiskContents {
  var counters = StoreCounters()
  var resources: [String: Resource] = [:]
  var products: [String: Product] = [:]
  var pools: [PoolKey: Pool] = [:]
  var keys: [IdempotencyKey: UInt64] = [:]
  /// Ascending by number.
  var reservations: [Reservation] = []
  var byBuyer: [String: [UInt64]] = [:]
  /// Ascending by sequence, from behind the checkpoint at the latest.
  var events: [Event] = []
  var checkpoint = LogCheckpoint()
  var balances: [PoolKey: Pool] = [:]
  var audit: [AuditChain: [AuditEntry]] = [:]
  /// Of the chain that is no lane's.
  var systemHead = AuditHead()

  // MARK: Writing

  /// Appends a batch to the log, behind all that is there.
  /// - Returns: where it stands.
  mutating func append(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    let (expected, placed) = (changes.firstSequence, changes.placed(behind: counters))
    let first = placed.firstSequence
    let others = first == expected ? [] : Array(events(after: expected - 1, limit: 4))
    try apply(placed)
    return LogPlace(first: first, state: counters, others: others)
  }

  mutating func apply(_ changes: ChangeSet) throws(StorageError) {
    let last = events.last?.sequence ?? checkpoint.sequence
    if let first = changes.events.first, first.sequence <= last {
      throw StorageError(.conflict, "event \(first.sequence) is already written")
    }
    for entry in changes.keys where keys[entry.key] != nil {
      throw StorageError(.conflict, "the idempotency key \(entry.key.key) is already written")
    }
    let audited = audit[.lane]?.last?.sequence ?? 0
    if let first = changes.audit.first, first.sequence != audited + 1 {
      throw StorageError(.conflict, "audit entry \(first.sequence) does not come next")
    }
    counters = changes.counters
    for resource in changes.resources { resources[resource.id] = resource }
    for product in changes.products { products[product.id] = product }
    for (key, pool) in changes.pools { pools[key] = pool }
    for entry in changes.keys { keys[entry.key] = entry.number }
    for reservation in changes.reservations { put(reservation) }
    events.append(contentsOf: changes.events)
    for entry in changes.audit { audit[entry.chain, default: []].append(entry) }
  }

  mutating func append(_ records: [AuditRecord]) throws(StorageError) {
    for record in records {
      let entry = try AuditSeal.entry(record, in: .system(0), onto: &systemHead)
      audit[entry.chain, default: []].append(entry)
    }
  }

  private mutating func put(_ reservation: Reservation) {
    let index = Self.index(reservations, from: reservation.number)
    if index < reservations.count, reservations[index].number == reservation.number {
      reservations[index] = reservation
    } else {
      reservations.insert(reservation, at: index)
      // Of several lanes they do not come in the order of their numbers.
      let own = byBuyer[reservation.buyerID] ?? []
      let place = own.lastIndex { $0 < reservation.number }.map { $0 + 1 } ?? 0
      byBuyer[reservation.buyerID, default: []].insert(reservation.number, at: place)
    }
  }

  mutating func trim(limit: Int) -> Int {
    let covered = events.prefix { $0.sequence <= checkpoint.sequence }
    let count = min(limit, covered.count)
    events.removeFirst(count)
    return count
  }

  // MARK: Reading

  func reservation(_ number: UInt64) -> Reservation? {
    let index = Self.index(reservations, from: number)
    guard index < reservations.count, reservations[index].number == number else { return nil }
    return reservations[index]
  }

  func records(_ names: RecordNames) -> Records {
    var records = Records()
    for key in names.pools { records.pools[key] = pools[key] }
    for key in names.keys { records.keys[key] = keys[key] }
    for number in names.reservations { records.reservations[number] = reservation(number) }
    return records
  }

  func reservations(after number: UInt64, limit: Int, holdingOnly: Bool) -> [Reservation] {
    let behind = reservations[Self.index(reservations, from: number + 1)...]
    guard holdingOnly else { return Array(behind.prefix(limit)) }
    return Array(behind.lazy.filter(\.isHolding).prefix(limit))
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) -> [Reservation] {
    if let buyerID {
      let numbers = byBuyer[buyerID, default: []].reversed().lazy
      let end = number ?? .max
      let own = numbers.filter { $0 < end }.compactMap { self.reservation($0) }
      return Array(own.filter { !holdingOnly || $0.isHolding }.prefix(limit))
    }
    let end = number.map { Self.index(reservations, from: $0) } ?? reservations.count
    let wanted = reservations[..<end].reversed().lazy.filter { !holdingOnly || $0.isHolding }
    return Array(wanted.prefix(limit))
  }

  func events(after sequence: UInt64, limit: Int) -> ArraySlice<Event> {
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].sequence > sequence { high = middle } else { low = middle + 1 }
    }
    return events[low...].prefix(limit)
  }

  var auditHeads: [AuditChain: AuditHead] { [.lane: counters.audit, .system(0): systemHead] }

  func auditEntries(of chain: AuditChain, after sequence: UInt64, limit: Int) -> [AuditEntry] {
    Array((audit[chain] ?? []).dropFirst(Int(clamping: sequence)).prefix(limit))
  }

  static func page(
    _ pools: [PoolKey: Pool], after key: PoolKey?, limit: Int
  ) -> [(key: PoolKey, pool: Pool)] {
    let behind = pools.filter { entry in key.map { $0 < entry.key } ?? true }
    return behind.sorted { $0.key < $1.key }.prefix(limit).map { (key: $0.key, pool: $0.value) }
  }

  private static func index(_ list: [Reservation], from number: UInt64) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].number >= number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
