import Capacity
import CapacityEngine
import SeededRandom
import Testing

@testable import SQLiteStorage

/// How a file knows which reservations hold units.
@Suite("What holds on SQLite")
struct HoldingTests {
  private let place: SQLitePlace

  init() throws { place = try SQLitePlace() }

  private func open() throws -> SQLiteStorage {
    try SQLiteStorage.open(path: place.path, newIdentity: StoreIdentity(namingKey: 5))
  }

  // MARK: Pages

  @Test func aPageIsASetOfNumbers() throws {
    var random = SplitMix("pages of numbers")
    let index: UInt64 = 7
    let first = index * NumberPage.size
    var (page, truth) = (NumberPage(), Set<UInt64>())
    for _ in 0..<5_000 {
      let number = first + random.next() % NumberPage.size
      let isThere = random.next() % 3 > 0
      page.set(number, isThere)
      if isThere { truth.insert(number) } else { truth.remove(number) }
      #expect(page.contains(number) == isThere)
    }
    #expect(page.numbers(ofPage: index) == truth.sorted())
    #expect(NumberPage(bytes: page.bytes) == page)
    for number in truth { page.set(number, false) }
    #expect(page.isEmpty && page == NumberPage() && page.numbers(ofPage: index).isEmpty)
    #expect(NumberPage(bytes: [1, 2, 3]) == nil)
  }

  // MARK: Batches

  /// Batches of new and changed reservations all over several pages, some of which fail in the middle, and starts between them.
  @Test func whatHoldsIsKnownWhateverHappens() throws {
    var random = SplitMix("what holds")
    var (truth, next): ([UInt64: Bool], UInt64) = ([:], 1)
    var storage = try open()
    for round in 0..<60 {
      var changes = ChangeSet(counters: StoreCounters(nextReservation: 1 << 20, nextSequence: 1))
      var changed: [UInt64: Bool] = [:]
      for _ in 0..<random.next() % 60 {
        // Now and then far behind the others, as numbers of a store that was put back.
        next += random.next() % 40 == 0 ? random.next() % 9_000 : 1
        changed[next] = random.next() % 4 > 0
      }
      for number in truth.keys.sorted() where random.next() % 16 == 0 {
        changed[number] = random.next() % 4 == 0
      }
      changes.reservations = changed.keys.sorted().map {
        Samples.reservation($0, holding: changed[$0] ?? false)
      }
      // Whoever fills a store may have another order.
      if random.next() % 6 == 0 { changes.reservations.reverse() }
      if random.next() % 5 == 0 {
        // One that is there already: nothing of the batch may be left.
        changes.events = [Samples.event(1), Samples.event(1)]
        #expect(throws: StorageError.self) { try storage.write(changes) }
      } else {
        try storage.write(changes)
        truth.merge(changed) { $1 }
      }
      if round % 10 == 9 {
        storage.close()
        storage = try open()
      }
      try check(storage, truth)
    }
    storage.close()
  }

  private func check(_ storage: SQLiteStorage, _ truth: [UInt64: Bool]) throws {
    let holding = truth.filter(\.value).keys.sorted()
    let listed = try storage.reservations(after: 0, limit: .max, holdingOnly: true)
    #expect(listed.map(\.number) == holding)
    let middle = holding.isEmpty ? 0 : holding[holding.count / 2]
    let behind = try storage.reservations(after: middle, limit: 5, holdingOnly: true)
    #expect(behind.map(\.number) == Array(holding.filter { $0 > middle }.prefix(5)))
    let before = try storage.reservations(
      before: middle, limit: 5, ofBuyer: nil, holdingOnly: true)
    #expect(before.map(\.number) == Array(holding.filter { $0 < middle }.suffix(5).reversed()))
    let last = try storage.reservations(before: nil, limit: 3, ofBuyer: nil, holdingOnly: true)
    #expect(last.map(\.number) == Array(holding.suffix(3).reversed()))
  }

  /// Nothing of what held has a row once it is closed.
  @Test func pagesGoWithTheirLastNumber() throws {
    let storage = try open()
    defer { storage.close() }
    let numbers = (0..<4).map { UInt64(5 + $0 * 5_000) }
    for holding in [true, false] {
      var changes = ChangeSet(counters: StoreCounters(nextReservation: 1 << 20, nextSequence: 1))
      changes.reservations = numbers.map { Samples.reservation($0, holding: holding) }
      try storage.write(changes)
      #expect(try HoldingPages(storage.use().connection).all().count == (holding ? 4 : 0))
    }
  }

  // MARK: Older and damaged files

  @Test func anOlderFileIsCarriedOver() throws {
    try Schema.prepare(path: place.path, newIdentity: StoreIdentity(namingKey: 5), upTo: "5")
    let connection = try Connection(path: place.path, .writing, busyMilliseconds: 100)
    let row = try connection.prepare("INSERT INTO reservation VALUES (?, ?, 0, ?)")
    var truth: [UInt64: Bool] = [:]
    for number in stride(from: UInt64(1), to: 10_000, by: 7) {
      let isHolding = number % 3 == 0
      var body: [UInt8] = []
      RecordCodec.encode(Samples.reservation(number, holding: isHolding), into: &body)
      try row.run(lending: body) { values in
        values.bind(1, number)
        values.bind(2, isHolding ? 1 : Int64(0))
        values.bindBlob(3)
      }
      truth[number] = isHolding
    }
    let storage = try open()
    defer { storage.close() }
    try check(storage, truth)
  }

  @Test func aDamagedPageIsSaid() throws {
    let storage = try open()
    defer { storage.close() }
    try storage.write(Samples.batch(from: 1, count: 10))
    for damage in ["numbers = x'0102'", "page = -1", "page = \(Int64.max)"] {
      try storage.use().connection.execute("UPDATE holding SET \(damage)")
      do {
        _ = try storage.reservations(after: 0, limit: 9, holdingOnly: true)
        _ = try storage.reservations(before: nil, limit: 9, ofBuyer: nil, holdingOnly: true)
        Issue.record("it was read")
      } catch {
        #expect(error.kind == .corrupt && error.detail.contains("what holds is damaged"))
      }
      try storage.use().connection.execute("UPDATE holding SET page = 0")
    }
  }
}
