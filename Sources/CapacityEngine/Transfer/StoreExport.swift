package import Capacity

/// Writes everything that a store holds, page by page.
///
/// The store must not change meanwhile: it is read in a snapshot, or nobody else has it.
package enum StoreExport {
  private static let pageSize = 1_000
  /// Entries have definitions in them.
  private static let auditPageSize = 100

  /// - Parameters:
  ///   - program: which version writes.
  ///   - wasServed: whether a server has the store.
  /// - Returns: what was written.
  @discardableResult
  package static func run(
    _ store: any StoredContents, at now: Instant, program: String, wasServed: Bool,
    observer: ProgressObserver? = nil, to sink: @escaping ByteSink
  ) throws(StorageError) -> TransferTally {
    var writer = try TransferWriter(sink)
    let head = try TransferHead(of: store, at: now, program: program, wasServed: wasServed)
    try writer.add(.head) { (bytes) throws(StorageError) in head.append(to: &bytes) }
    try write(store, &writer, observer, step: "exporting")
    try writer.finish()
    return writer.tally
  }

  /// What an export of `store` would have.
  package static func tally(
    _ store: any StoredContents, observer: ProgressObserver? = nil
  ) throws(StorageError) -> TransferTally {
    var writer = try TransferWriter { (_) throws(StorageError) in }
    try write(store, &writer, observer, step: "comparing")
    return writer.tally
  }

  private static func write(
    _ store: any StoredContents, _ writer: inout TransferWriter, _ observer: ProgressObserver?,
    step: String
  ) throws(StorageError) {
    var count = try AuditCount(store, observer, step: step)
    try writeCatalogue(store, &writer)
    try writePools(store, &writer)
    try writeEvents(store, &writer, &count)
    try writeReservations(store, &writer, &count)
    try writeKeys(store, &writer, &count)
    try writeAudit(store, &writer)
  }

  private static func writeCatalogue(
    _ store: any StoredContents, _ writer: inout TransferWriter
  ) throws(StorageError) {
    let catalogue = try store.catalogue()
    for resource in catalogue.resources {
      try writer.add(.resource, hasDefinition: true) { (bytes) throws(StorageError) in
        bytes += try RecordCodec.encode(resource)
      }
    }
    for product in catalogue.products {
      try writer.add(.product, hasDefinition: true) { (bytes) throws(StorageError) in
        bytes += try RecordCodec.encode(product)
      }
    }
  }

  private static func writePools(
    _ store: any StoredContents, _ writer: inout TransferWriter
  ) throws(StorageError) {
    var last: PoolKey?
    repeat {
      let page = try store.balances(after: last, limit: pageSize)
      for entry in page {
        try writer.add(.balance) { TransferRecord.append(entry.pool, at: entry.key, to: &$0) }
      }
      last = page.last?.key
    } while last != nil
    try StoredPools(of: store).each { (key, pool, _) throws(StorageError) in
      try writer.add(.pool) { TransferRecord.append(pool, at: key, to: &$0) }
    }
  }

  // Those that the checkpoint covers are about to go, and are in it.
  private static func writeEvents(
    _ store: any StoredContents, _ writer: inout TransferWriter, _ count: inout AuditCount
  ) throws(StorageError) {
    var last: UInt64? = try store.checkpoint().sequence
    while let sequence = last {
      let page = try store.events(after: sequence, limit: pageSize)
      for event in page {
        let hasDefinition = TransferTally.hasDefinition(event)
        try writer.add(.event, hasDefinition: hasDefinition) { (bytes) throws(StorageError) in
          try RecordCodec.encode(event, into: &bytes)
        }
      }
      count.add(page.count)
      last = page.last?.sequence
    }
  }

  private static func writeReservations(
    _ store: any StoredContents, _ writer: inout TransferWriter, _ count: inout AuditCount
  ) throws(StorageError) {
    var last: UInt64? = 0
    while let number = last {
      let page = try store.reservations(after: number, limit: pageSize, holdingOnly: false)
      for reservation in page {
        try writer.add(.reservation) { RecordCodec.encode(reservation, into: &$0) }
      }
      count.add(page.count)
      last = page.last?.number
    }
  }

  // As it is, whole or not: `cupo audit verify` says the same of both stores.
  private static func writeAudit(
    _ store: any StoredContents, _ writer: inout TransferWriter
  ) throws(StorageError) {
    let heads = try store.auditHeads().sorted { $0.key < $1.key }
    for (chain, _) in heads {
      var last: UInt64? = 0
      while let sequence = last {
        let page = try store.auditEntries(of: chain, after: sequence, limit: auditPageSize)
        for entry in page { try writer.add(.auditEntry) { TransferRecord.append(entry, to: &$0) } }
        last = page.last?.sequence
      }
    }
    for (chain, head) in heads where head != AuditHead() {
      try writer.add(.auditEnd) { TransferRecord.append(head, of: chain, to: &$0) }
    }
  }

  private static func writeKeys(
    _ store: any StoredContents, _ writer: inout TransferWriter, _ count: inout AuditCount
  ) throws(StorageError) {
    var last: IdempotencyKey?
    repeat {
      let page = try store.adjustmentKeys(after: last, limit: pageSize)
      for entry in page {
        try writer.add(.key) { TransferRecord.append(entry.key, entry.number, to: &$0) }
      }
      count.add(page.count)
      last = page.last?.key
    } while last != nil
  }
}
