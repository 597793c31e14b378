import Capacity
import CapacityEngine

/// What a store holds, as values.
struct MemoryContents: Sendable {
  var counters = StoreCounters()
  var resources: [String: Resource] = [:]
  var products: [String: Product] = [:]
  private var pools: [PoolKey: Pool] = [:]
  private var keys: [IdempotencyKey: UInt64] = [:]
  // Ascending; new ones nearly always belong at the end.
  private var reservations: [Reservation] = []
  private var events: [Event] = []
  private(set) var checkpoint = LogCheckpoint()
  private(set) var balances: [PoolKey: Pool] = [:]
  private(set) var closedKeptFrom: Instant?
  private var audit: [AuditChain: [AuditEntry]] = [:]
  // Of the chains that are no lane's.
  private var auditEnds: [AuditChain: AuditHead] = [:]

  // MARK: Writing

  /// Appends a batch to the log, behind all that is there.
  /// - Returns: where it stands.
  mutating func append(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    let (expected, placed) = (changes.firstSequence, changes.placed(behind: counters))
    let first = placed.firstSequence
    let others =
      first == expected ? [] : events(after: expected - 1, limit: StorageNews.pageMax)
    try apply(placed)
    return LogPlace(first: first, state: counters, others: others)
  }

  mutating func apply(_ changes: ChangeSet) throws(StorageError) {
    try check(changes)
    counters = changes.counters
    for resource in changes.resources { resources[resource.id] = resource }
    for product in changes.products { products[product.id] = product }
    pools.merge(changes.pools) { $1 }
    for entry in changes.keys { keys[entry.key] = entry.number }
    for reservation in changes.reservations { put(reservation) }
    events.append(contentsOf: changes.events)
    for entry in changes.audit { audit[entry.chain, default: []].append(entry) }
    for (chain, end) in changes.auditEnds where chain != .lane { auditEnds[chain] = end }
  }

  private func check(_ changes: ChangeSet) throws(StorageError) {
    var last = events.last?.sequence ?? checkpoint.sequence
    for event in changes.events {
      guard event.sequence > last else {
        throw StorageError(.conflict, "event \(event.sequence) is already written")
      }
      last = event.sequence
    }
    var lastAudit = audit[.lane]?.last?.sequence ?? 0
    for entry in changes.audit where entry.chain == .lane {
      guard entry.sequence == lastAudit + 1 else {
        throw StorageError(.conflict, "audit entry \(entry.sequence) does not come next")
      }
      lastAudit = entry.sequence
    }
    for (key, _) in changes.keys where keys[key] != nil {
      throw StorageError(.conflict, "the idempotency key \(key.key) is already written")
    }
  }

  private mutating func put(_ reservation: Reservation) {
    let index = index(of: reservation.number)
    if index < reservations.count, reservations[index].number == reservation.number {
      reservations[index] = reservation
    } else {
      reservations.insert(reservation, at: index)
    }
  }

  // MARK: Reading

  func records(_ names: RecordNames) -> Records {
    var records = Records()
    for key in names.pools { records.pools[key] = pools[key] }
    for key in names.keys { records.keys[key] = keys[key] }
    for number in names.reservations {
      let index = index(of: number)
      guard index < reservations.count, reservations[index].number == number else { continue }
      records.reservations[number] = reservations[index]
    }
    return records
  }

  func pools(after key: PoolKey?, limit: Int) -> [(key: PoolKey, pool: Pool)] {
    MemoryContents.page(of: pools, after: key, limit)
  }

  func balances(after key: PoolKey?, limit: Int) -> [(key: PoolKey, pool: Pool)] {
    MemoryContents.page(of: balances, after: key, limit)
  }

  private static func page(
    of pools: [PoolKey: Pool], after key: PoolKey?, _ limit: Int
  ) -> [(key: PoolKey, pool: Pool)] {
    let behind = pools.filter { entry in key.map { $0 < entry.key } ?? true }
    return behind.sorted { $0.key < $1.key }.prefix(limit).map { ($0.key, $0.value) }
  }

  func reservations(after number: UInt64, limit: Int, holdingOnly: Bool) -> [Reservation] {
    let behind = reservations[index(after: number)...]
    guard holdingOnly else { return Array(behind.prefix(limit)) }
    return Array(behind.lazy.filter(\.isHolding).prefix(limit))
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) -> [Reservation] {
    let end = number.map { index(of: $0) } ?? reservations.count
    let wanted = reservations[..<end].reversed().lazy.filter { reservation in
      (!holdingOnly || reservation.isHolding)
        && (buyerID.map { $0.utf8.elementsEqual(reservation.buyerID.utf8) } ?? true)
    }
    return Array(wanted.prefix(limit))
  }

  func events(after sequence: UInt64, limit: Int) -> [Event] {
    let start = events.partition { $0.sequence > sequence }
    return Array(events[start...].prefix(limit))
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    let start = events.partition { $0.sequence > sequence }
    var (body, count): ([UInt8], Int) = ([], 0)
    for event in events[start...].prefix(while: { $0.sequence <= last }) {
      body.removeAll(keepingCapacity: true)
      try RecordCodec.encode(event, into: &body)
      count += body.count
    }
    return count
  }

  // In the order of their bytes.
  func adjustmentKeys(after key: IdempotencyKey?, limit: Int) -> [(
    key: IdempotencyKey, number: UInt64
  )] {
    let behind = keys.filter { entry in
      !entry.key.isOfReservation && key.map { Self.precedes($0, entry.key) } ?? true
    }
    return behind.sorted { Self.precedes($0.key, $1.key) }.prefix(limit).map { ($0.key, $0.value) }
  }

  private static func precedes(_ left: IdempotencyKey, _ right: IdempotencyKey) -> Bool {
    if left.buyerID.utf8.elementsEqual(right.buyerID.utf8) {
      return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }
    return left.buyerID.utf8.lexicographicallyPrecedes(right.buyerID.utf8)
  }

  // MARK: The audit log

  mutating func append(_ records: [AuditRecord]) throws(StorageError) {
    let chain = AuditChain.system(0)
    var head = auditEnds[chain] ?? AuditHead()
    for record in records {
      audit[chain, default: []].append(try AuditSeal.entry(record, in: chain, onto: &head))
    }
    auditEnds[chain] = head
  }

  var auditHeads: [AuditChain: AuditHead] { auditEnds.merging([.lane: counters.audit]) { $1 } }

  func auditEntries(of chain: AuditChain, after sequence: UInt64, limit: Int) -> [AuditEntry] {
    Array((audit[chain] ?? []).dropFirst(Int(clamping: sequence)).prefix(limit))
  }

  // MARK: Retention

  mutating func write(_ checkpoint: LogCheckpoint, balances: [PoolKey: Pool]) {
    self.checkpoint = checkpoint
    self.balances.merge(balances) { $1 }
  }

  mutating func trim(limit: Int) -> Int {
    let count = min(limit, events.partition { $0.sequence > checkpoint.sequence })
    events.removeFirst(count)
    return count
  }

  mutating func forget(
    closedBefore instant: Instant, after number: UInt64, limit: Int
  ) -> ForgottenPage {
    var page = ForgottenPage()
    for reservation in reservations[index(after: number)...].prefix(limit) {
      guard reservation.createdAt < instant else { break }
      page.last = reservation.number
      guard reservation.wasClosed(before: instant) else {
        page.firstKept = page.firstKept ?? reservation.number
        continue
      }
      let key = IdempotencyKey(buyerID: reservation.buyerID, key: reservation.idempotencyKey)
      if keys[key] == reservation.number { keys[key] = nil }
      page.count += 1
    }
    let last = page.last ?? 0
    reservations.removeAll {
      $0.number > number && $0.number <= last && $0.wasClosed(before: instant)
    }
    if page.count > 0 || limit == 0 { closedKeptFrom = max(closedKeptFrom ?? instant, instant) }
    return page
  }

  private func index(of number: UInt64) -> Int {
    reservations.partition { $0.number >= number }
  }

  private func index(after number: UInt64) -> Int {
    reservations.partition { $0.number > number }
  }
}

extension Array {
  /// The first index whose element is behind the border; elements before the border come first.
  fileprivate func partition(isBehind: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
