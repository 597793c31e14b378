import Capacity
import SeededRandom
import Testing

@testable import CapacityEngine

/// What every adapter promises to whoever moves a store: what one shows, another one takes and shows alike.
@Suite("The transfer contract")
struct TransferContractTests {
  private static let pairs = Adapter.allCases.flatMap { from in
    Adapter.allCases.map { (from, $0) }
  }

  @Test(arguments: Adapter.allCases)
  func keysAreShownOnceInPages(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    var changes = Samples.batch(from: 1, count: 40)
    for (index, name) in ["", "a", "ä", "Z", "hall", "😀", "a\u{300}"].enumerated() {
      for number in 0..<6 {
        changes.keys.append(
          (IdempotencyKey(buyerID: "\u{1}\(name)", key: "k\(number)\(name)"), UInt64(index)))
      }
    }
    try storage.write(changes)
    var found: [IdempotencyKey: UInt64] = [:]
    var last: IdempotencyKey?
    var pagesCount = 0
    repeat {
      let page = try storage.adjustmentKeys(after: last, limit: 7)
      #expect(page.count <= 7)
      for entry in page { #expect(found.updateValue(entry.number, forKey: entry.key) == nil) }
      last = page.last?.key
      pagesCount += 1
    } while last != nil
    // Those of the reservations are in the reservations.
    let adjustments = changes.keys.filter { !$0.key.isOfReservation }
    #expect(found == Dictionary(uniqueKeysWithValues: adjustments.map { ($0.key, $0.number) }))
    #expect(found.count == 42 && pagesCount == 7)
    storage.close()
  }

  @Test(arguments: pairs)
  func whatIsExportedIsImported(from: Adapter, to: Adapter) throws {
    let (home, place) = (try from.place(), try to.place())
    let source = try home.open()
    try fill(source)
    let file = try export(source)
    let target = try place.open(try source.identity())
    var transfer = try importing(file)
    #expect(transfer.head.identity == (try source.identity()))
    let tally = try transfer.run(into: target, bytesTotal: file.count)
    #expect(tally.eventsCount == 300 && tally.reservationsCount == 320 && tally.keysCount == 1)
    #expect(try target.counters() == source.counters())
    #expect(try target.checkpoint() == source.checkpoint())
    #expect(try target.events(after: 0, limit: 999) == source.events(after: 20, limit: 999))
    #expect(
      try target.reservations(after: 0, limit: 999, holdingOnly: false)
        == source.reservations(after: 0, limit: 999, holdingOnly: false))
    let key = Samples.reservation(7).key
    #expect(try target.begin(reading: RecordNames(keys: [key])).records.keys == [key: 7])
    #expect(try target.catalogue() == source.catalogue())
    let (old, new) = (
      try source.pools(after: nil, limit: 99), try target.pools(after: nil, limit: 99)
    )
    #expect(old.map(\.key) == new.map(\.key) && old.map(\.pool) == new.map(\.pool))
    #expect(try target.balances(after: nil, limit: 9).map(\.pool) == [Samples.pool(20)])
    #expect(try StoreExport.tally(target) == StoreExport.tally(source))
    // The audit log goes on where it was: what was kept of it elsewhere stays good.
    let anchors = try AuditVerification.run(source).anchors
    let verified = try AuditVerification.run(target, kept: anchors)
    #expect(verified.findings.isEmpty && verified.entriesCount == 5 && anchors.count == 2)
    #expect(tally.auditCount == 5)
    try audit(target, try target.openLog())
    #expect(try AuditVerification.run(target, kept: anchors).findings.isEmpty)
    source.close()
    target.close()
    withExtendedLifetime((home, place)) {}
  }

  @Test(arguments: Adapter.allCases)
  func aStoreThatHasSomethingTakesNoImport(adapter: Adapter) throws {
    let source = try MemoryPlace().open()
    try fill(source)
    let file = try export(source)
    for changes in [
      Samples.batch(from: 1, count: 1),
      ChangeSet(counters: StoreCounters(), resources: [Samples.resource("a")]),
      ChangeSet(
        counters: StoreCounters(), keys: [(IdempotencyKey(buyerID: "\u{1}hall", key: "k"), 1)]),
    ] {
      let place = try adapter.place()
      let target = try place.open()
      try target.write(changes)
      #expect(refusal(of: file, by: target)?.kind == .conflict)
      target.close()
    }
    let place = try adapter.place()
    let stranger = try place.open(StoreIdentity(namingKey: 1))
    #expect(refusal(of: file, by: stranger)?.kind == .conflict)
    stranger.close()
  }

  @Test func aBitThatTurnedIsFoundWhereverItIs() throws {
    let source = try MemoryPlace().open()
    try fill(source, count: 3)
    let file = try export(source)
    for index in file.indices {
      var damaged = file
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(outcome(damaged)?.kind == .corrupt, "byte \(index) of \(file.count)")
    }
  }

  @Test func aPieceOfAnExportIsNone() throws {
    let source = try MemoryPlace().open()
    try fill(source, count: 3)
    let file = try export(source)
    for count in file.indices { #expect(outcome(Array(file[..<count]))?.kind == .corrupt) }
    #expect(outcome(file + [0])?.kind == .corrupt)
    #expect(outcome(file) == nil)
  }

  @Test func blocksInAnotherOrderAreFound() throws {
    let source = try MemoryPlace().open()
    // More than two blocks of events.
    try fill(source, count: 9_000)
    let file = try export(source)
    let blocks = blocks(of: file)
    try #require(blocks.count > 8)
    for index in stride(from: 1, to: blocks.count - 1, by: 4) {
      var (swapped, without, twice) = (blocks, blocks, blocks)
      swapped.swapAt(index, index + 1)
      without.remove(at: index)
      twice.insert(blocks[index], at: index)
      for other in [swapped, without, twice] {
        #expect(outcome(Array(other.joined()))?.kind == .corrupt)
      }
    }
  }

  @Test func aNewerFormatIsNamed() throws {
    let source = try MemoryPlace().open()
    var file = try export(source)
    file[7] = TransferFormat.version + 1
    #expect(outcome(file)?.detail.contains("newer version") == true)
    #expect(outcome(Array("SQLite format 3".utf8))?.detail == "it is no export of Cupo")
  }

  @Test func anObserverSeesAllOfIt() throws {
    let source = try MemoryPlace().open()
    try fill(source, count: 9_000)
    var steps: [WorkProgress] = []
    _ = try StoreExport.tally(source) { steps.append($0) }
    #expect(steps.map(\.done) == steps.map(\.done).sorted())
    #expect(steps.last?.done ?? 0 > 17_000)
    #expect(steps.allSatisfy { $0.total ?? 0 >= $0.done })
  }

  @Test func theChecksumIsTheOneOfTheRFC() {
    var checksum = CRC32C()
    checksum.add("123456789".utf8)
    #expect(checksum.value == 0xE306_9283)
  }

  // MARK: -

  // 20 of the events are only in the checkpoint.
  private func fill(_ storage: any Storage, count: Int = 320) throws {
    var changes = Samples.batch(from: 1, count: count)
    changes.resources = [Samples.resource("res"), Samples.resource("other"), weekly]
    changes.products = [Samples.product("p")]
    for number in 1...9 {
      changes.pools[PoolKey(resourceID: "r\(number % 3)", ordinal: Int64(number) - 5)] =
        Samples.pool(UInt64(number))
    }
    changes.keys.append((IdempotencyKey(buyerID: "\u{1}hall", key: "adjustment"), 12))
    if count > 20 {
      changes.events[40].kind = .resourceChanged
      changes.events[40].subject = .resource(weekly)
    }
    try storage.write(changes)
    let log = try storage.openLog()
    try audit(storage, log)
    guard count > 20 else { return }
    try log.write(
      LogCheckpoint(sequence: 20, lastReservation: 20),
      balances: [PoolKey(resourceID: "res", ordinal: 1): Samples.pool(20)])
    _ = try log.trim(limit: 10)
  }

  private func audit(_ storage: any Storage, _ log: any EventLog) throws {
    let record = AuditRecord(
      .repaired, at: Instant(microseconds: 5), AuditRecord.Source(actor: "op", method: "cupo"))
    var entries = ChangeSet(counters: try storage.counters())
    for _ in 0..<3 { try entries.seal(record) }
    try storage.write(entries)
    try log.append([record, record])
  }

  // Its dictionary is written in another order each time.
  private var weekly: Resource {
    var resource = Samples.resource("weekly")
    let days = Weekday.allCases.map { ($0, Limit.units(Int64($0.rawValue) * 7)) }
    resource.inventory = .daily(
      DailyCapacity(defaultLimit: .units(1), weekdays: Dictionary(uniqueKeysWithValues: days)))
    return resource
  }

  private func export(_ storage: any StoredContents) throws -> [UInt8] {
    let file = Box()
    try StoreExport.run(
      storage, at: Instant(seconds: 1_700_000_000), program: "test", wasServed: false
    ) { (bytes) throws(StorageError) in file.bytes += bytes }
    return file.bytes
  }

  private func importing(_ file: [UInt8]) throws(StorageError) -> StoreImport {
    let rest = Box()
    rest.bytes = file
    return try StoreImport { (count) throws(StorageError) in
      defer { rest.position = min(rest.bytes.count, rest.position + count) }
      return Array(rest.bytes[rest.position..<min(rest.bytes.count, rest.position + count)])
    }
  }

  private func refusal(of file: [UInt8], by storage: any Storage) -> StorageError? {
    do throws(StorageError) {
      var transfer = try importing(file)
      _ = try transfer.run(into: storage, bytesTotal: nil)
      return nil
    } catch {
      return error
    }
  }

  private func outcome(_ file: [UInt8]) -> StorageError? {
    do {
      return refusal(of: file, by: try MemoryPlace().open())
    } catch {
      return StorageError(.unavailable, "\(error)")
    }
  }

  // The magic and the head, then block by block.
  private func blocks(of file: [UInt8]) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    var rest = file[...]
    blocks.append(Array(rest.prefix(8)))
    rest = rest.dropFirst(8)
    while !rest.isEmpty {
      let length = rest.dropFirst(5).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      blocks.append(Array(rest.prefix(length + 13)))
      rest = rest.dropFirst(length + 13)
    }
    return blocks
  }
}

private final class Box {
  var bytes: [UInt8] = []
  var position = 0
}
