import Capacity

/// Reads an export into a store that is new.
package struct StoreImport {
  /// Records that one commit takes, in bytes of their export.
  private static let bytesPerCommit = 4 << 20

  /// What the export says of itself; a store for it is made with its identity.
  package let head: TransferHead
  private var reader: TransferReader
  private var log: (any EventLog)?
  private var balances: [PoolKey: Pool] = [:]
  private var changes: ChangeSet
  private var pendingBytes = 0
  // As far as has been read: to an adapter it looks like a store that is written for the first time.
  private var counters = StoreCounters()
  private var seen = TransferTally()
  // A server has the whole catalogue in memory as well.
  private var resources: [String: Resource] = [:]
  private var products: [String: Product] = [:]

  /// Reads the head.
  ///
  /// - Throws: `corrupt` for what is no export.
  package init(reading source: @escaping ByteSource) throws(StorageError) {
    reader = try TransferReader(source)
    guard let (kind, records) = try reader.next(), kind == .head, records.count == 1 else {
      throw StorageError(.corrupt, "the export does not begin with its head")
    }
    var record = RecordReader(records[0], what: "head")
    head = try TransferHead(&record)
    changes = ChangeSet(counters: counters)
  }

  /// Writes everything into `storage`, which must be new and have the identity of the export, then reads it back.
  ///
  /// What was written stays where it ends with an error, so the store is to be thrown away then.
  /// - Parameter bytesTotal: the length of the export, for the observer.
  /// - Throws: `conflict` for a store that has something, `corrupt` for an export that is damaged.
  package mutating func run(
    into storage: any Storage, bytesTotal: Int?, observer: ProgressObserver? = nil
  ) throws(StorageError) -> TransferTally {
    try check(storage)
    log = try storage.openLog()
    defer { log = nil }
    try log?.write(head.checkpoint, balances: [:])
    if let kept = head.closedKeptFrom {
      _ = try log?.forget(closedBefore: kept, after: 0, limit: 0)
    }
    var told: TransferTally?
    while let (kind, records) = try reader.next() {
      for record in records { told = try take(record, kind, storage) ?? told }
      observer?(WorkProgress("importing", done: reader.bytesRead, of: bytesTotal, .bytes))
    }
    let audit = counters.audit
    counters = head.counters
    counters.audit = audit
    try commit(storage)
    guard let told, told == seen else {
      throw StorageError(.corrupt, "the export does not have the records that its end speaks of")
    }
    guard try StoreExport.tally(storage, observer: observer) == told, try hasCatalogue(storage)
    else {
      throw StorageError(.corrupt, "what the store reads back is not what the export has")
    }
    return told
  }

  private func check(_ storage: any Storage) throws(StorageError) {
    guard try isNew(storage) else {
      throw StorageError(.conflict, "there is something in the store already")
    }
    guard try storage.identity() == head.identity else {
      throw StorageError(.conflict, "the store was made by itself, not for this export")
    }
  }

  private func isNew(_ storage: any Storage) throws(StorageError) -> Bool {
    let catalogue = try storage.catalogue()
    let records = try [
      catalogue.resources.count, catalogue.products.count,
      storage.events(after: 0, limit: 1).count,
      storage.reservations(after: 0, limit: 1, holdingOnly: false).count,
      storage.pools(after: nil, limit: 1).count, storage.adjustmentKeys(after: nil, limit: 1).count,
    ]
    let (found, heads) = (try storage.counters(), try storage.auditHeads())
    return found == StoreCounters(lanes: found.marks.count) && heads == [.lane: AuditHead()]
      && records.allSatisfy { $0 == 0 }
  }

  // MARK: Records

  // Answers what the end speaks of.
  private mutating func take(
    _ record: [UInt8], _ kind: TransferKind, _ storage: any Storage
  ) throws(StorageError) -> TransferTally? {
    guard kind != .end else {
      var reader = RecordReader(record, what: "end")
      return try TransferTally(&reader)
    }
    let hasDefinition = try add(record, kind)
    seen.add(record[...], kind, hasDefinition: hasDefinition)
    pendingBytes += record.count
    if pendingBytes >= Self.bytesPerCommit { try commit(storage) }
    return nil
  }

  // Answers whether there is a definition in it.
  private mutating func add(_ record: [UInt8], _ kind: TransferKind) throws(StorageError) -> Bool {
    switch kind {
    case .resource:
      let resource = try RecordCodec.decodeResource(record)
      changes.resources.append(resource)
      resources[resource.id] = resource
    case .product:
      let product = try RecordCodec.decodeProduct(record)
      changes.products.append(product)
      products[product.id] = product
    case .event:
      let event = try RecordCodec.decodeEvent(record)
      changes.events.append(event)
      counters.nextSequence = event.sequence + 1
      return TransferTally.hasDefinition(event)
    case .reservation:
      let reservation = try RecordCodec.decodeReservation(record)
      changes.reservations.append(reservation)
      counters.nextReservation = reservation.number + 1
      changes.keys.append((reservation.key, reservation.number))
    case .key: changes.keys.append(try TransferRecord.key(record))
    case .pool:
      let (key, pool) = try TransferRecord.pool(record)
      changes.pools[key] = pool
    case .balance:
      let (key, pool) = try TransferRecord.pool(record)
      balances[key] = pool
    case .auditEntry: changes.audit.append(try TransferRecord.auditEntry(record))
    case .auditEnd:
      let (chain, end) = try TransferRecord.auditEnd(record)
      changes.auditEnds[chain] = end
      if chain == .lane { counters.audit = end }
    case .head, .end:
      throw StorageError(.corrupt, "the export has a second head")
    }
    return kind == .resource || kind == .product
  }

  private func hasCatalogue(_ storage: any Storage) throws(StorageError) -> Bool {
    let catalogue = try storage.catalogue()
    return catalogue.resources.allSatisfy { resources[$0.id] == $0 }
      && catalogue.products.allSatisfy { products[$0.id] == $0 }
  }

  private mutating func commit(_ storage: any Storage) throws(StorageError) {
    if !balances.isEmpty {
      try log?.write(head.checkpoint, balances: balances)
      balances.removeAll()
    }
    changes.counters = counters.spread(over: try storage.counters().marks.count)
    changes.lanes = changes.counters.allLanes
    try storage.begin(reading: RecordNames()).commit(changes)
    changes = ChangeSet(counters: counters)
    pendingBytes = 0
  }
}
