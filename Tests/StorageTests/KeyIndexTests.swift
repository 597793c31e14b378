import Capacity
import CapacityEngine
import SeededRandom
import TemporaryFolders
import Testing

@testable import SQLiteStorage

/// Keys are found whether they are recent, in a run or in a merged one, before and after a restart.
struct KeyIndexTests {
  private let place: TemporaryFolder

  init() throws {
    place = try TemporaryFolder()
  }

  private func open() throws -> SQLiteStorage {
    try SQLiteStorage.open(
      path: place.path + "/cupo.db", newIdentity: StoreIdentity(namingKey: 7))
  }

  /// Writes reservations with the numbers in `range` in batches of many.
  private func fill(_ storage: SQLiteStorage, _ range: ClosedRange<UInt64>) throws {
    var first = range.lowerBound
    while first <= range.upperBound {
      let count = min(1024, Int(range.upperBound - first + 1))
      try storage.write(Samples.batch(from: first, count: count))
      first += UInt64(count)
    }
  }

  private func number(_ storage: SQLiteStorage, _ number: UInt64) throws -> UInt64? {
    let key = Samples.key(number)
    return try storage.begin(reading: RecordNames(keys: [key])).records.keys[key]
  }

  /// Waits until the runs have become as few; a merge takes no part in commits, so one is made to have it looked at.
  private func settle(_ storage: SQLiteStorage, runs: Int, next: inout UInt64) async throws {
    for _ in 0..<500 {
      if try storage.use().keys.runs.count == runs { return }
      try await Task.sleep(for: .milliseconds(20))
      try fill(storage, next...next)
      next += 1
    }
    Issue.record("there are \(try storage.use().keys.runs.count) runs, not \(runs)")
  }

  @Test func keysAreFoundInMemoryInRunsAndInMergedRuns() async throws {
    let perRun = UInt64(KeyIndex.keysPerRun)
    let count = perRun * UInt64(KeyIndex.runsPerMerge) + 100
    var storage = try open()
    try fill(storage, 1...count)
    var next = count + 1
    try await settle(storage, runs: 1, next: &next)
    for round in 0..<2 {
      for wanted in [1, 2, perRun - 1, perRun, perRun + 1, 3 * perRun + 17, count - 1, count] {
        #expect(try number(storage, wanted) == wanted, "round \(round)")
      }
      #expect(try number(storage, next + 1000) == nil)
      storage.close()
      storage = try open()
    }
    // What was merged is gone.
    let run = try #require(storage.use().keys.runs.first)
    for _ in 0..<500 where try oldPages(storage, before: run.id) > 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try oldPages(storage, before: run.id) == 0)
    storage.close()
  }

  private func oldPages(_ storage: SQLiteStorage, before run: Int64) throws -> Int64 {
    var count: Int64 = 0
    let statement = try storage.use().connection.prepare(
      "SELECT count(*) FROM key_page WHERE id < \(run << 32)")
    try statement.query { (row) throws(StorageError) in count = row.int(0) }
    return count
  }

  @Test func keysOfReservationsThatAreGoneGoWithTheNextMerge() async throws {
    let perRun = UInt64(KeyIndex.keysPerRun)
    let count = perRun * UInt64(KeyIndex.runsPerMerge - 1) + 100
    var storage = try open()
    try fill(storage, 1...count)
    // As retention takes them, but for one in a hundred.
    try storage.use().connection.execute(
      "DELETE FROM reservation WHERE number <= \(3 * perRun) AND number % 100 != 0")
    let log = try storage.openLog()
    _ = try log.forget(closedBefore: .distantPast, after: 0, limit: 0)
    try fill(storage, count + 1...count + perRun)
    var next = count + perRun + 1
    try await settle(storage, runs: 1, next: &next)
    for round in 0..<2 {
      let run = try #require(try storage.use().keys.runs.first)
      let isNotLate = perRun * UInt64(KeyIndex.runsPerMerge)
      #expect(run.lastNumber >= isNotLate)
      #expect(UInt64(run.count) == run.lastNumber - 3 * perRun + 3 * perRun / 100)
      for kept in [100, 3 * perRun / 100 * 100, 3 * perRun + 1, count, count + perRun] {
        #expect(try number(storage, kept) == kept, "round \(round)")
      }
      for gone in [UInt64(1), 99, 2 * perRun + 1] where gone % 100 != 0 {
        #expect(try number(storage, gone) == nil)
      }
      storage.close()
      storage = try open()
    }
    storage.close()
  }

  @Test func numbersThatAreKeptAreKnown() {
    var numbers = KeptNumbers()
    let some: [UInt64] = [0, 1, 63, 64, 4095, 4096, 1 << 40, .max]
    for number in some + some { numbers.insert(number) }
    #expect(numbers.count == some.count)
    #expect(some.allSatisfy { numbers.contains($0) })
    #expect([2, 62, 65, 4097, 1 << 41].allSatisfy { !numbers.contains($0) })
  }

  @Test func aKeyInARunIsRefusedASecondTime() throws {
    let storage = try open()
    let count = UInt64(KeyIndex.keysPerRun) + 1
    try fill(storage, 1...count)
    #expect(try storage.use().keys.runs.count == 1)
    var changes = Samples.batch(from: count + 1, count: 1)
    changes.keys = [(Samples.key(5), count + 1)]
    #expect(throws: StorageError.self) { try storage.write(changes) }
    storage.close()
  }

  /// After a commit that failed nobody knows whether it was written; the keys are what the store says.
  @Test func whatACommitLeftIsReadAnew() throws {
    let storage = try open()
    try fill(storage, 1...10)
    try storage.use().writer.write(Samples.batch(from: 11, count: 1))
    #expect(try number(storage, 11) == nil)
    try storage.use().keys.forgetRecent()
    #expect(try number(storage, 11) == 11)
    #expect(try number(storage, 10) == 10)
    storage.close()
  }

  /// A store of an older version has no runs at all.
  @Test func missingRunsAreMadeAtStart() throws {
    var storage = try open()
    let perRun = UInt64(KeyIndex.keysPerRun)
    try fill(storage, 1...2 * perRun + 5)
    try storage.use().connection.execute("DELETE FROM key_run; DELETE FROM key_page")
    storage.close()
    storage = try open()
    #expect(try storage.use().keys.runs.map(\.lastNumber) == [perRun, 2 * perRun])
    for wanted in [1, perRun + 1, 2 * perRun + 5] {
      #expect(try number(storage, wanted) == wanted)
    }
    storage.close()
  }

  /// Pages of a merge that was interrupted go, and their numbers are not used again.
  @Test func whatAnInterruptedMergeLeftGoes() async throws {
    var storage = try open()
    try fill(storage, 1...UInt64(KeyIndex.keysPerRun))
    let left = KeyEntry(hash: 1, number: 1)
    try KeyPages(storage.use().connection).write([left], run: 9, page: 0)
    storage.close()
    storage = try open()
    let pages = try KeyPages(storage.use().connection)
    for _ in 0..<500 where try pages.lastRun() == 9 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try pages.lastRun() == 1)
    try fill(storage, UInt64(KeyIndex.keysPerRun) + 1...UInt64(2 * KeyIndex.keysPerRun))
    #expect(try storage.use().keys.runs.map(\.id) == [1, 10])
    storage.close()
  }

  @Test func aBuyersReservationsAreFoundInAllRuns() throws {
    let storage = try open()
    let perRun = UInt64(KeyIndex.keysPerRun)
    try fill(storage, 1...2 * perRun + 10)
    let buyer = Samples.reservation(1).buyerID
    var seen: [UInt64] = []
    var before: UInt64?
    while true {
      let page = try storage.reservations(
        before: before, limit: 5000, ofBuyer: buyer, holdingOnly: false)
      seen += page.map(\.number)
      guard page.count == 5000 else { break }
      before = page.last?.number
    }
    let all = try storage.reservations(
      before: nil, limit: 100_000, ofBuyer: nil, holdingOnly: false)
    #expect(seen == all.filter { $0.buyerID == buyer }.map(\.number))
    #expect(!seen.isEmpty)
    storage.close()
  }

  @Test func aDamagedRunIsSaid() throws {
    var storage = try open()
    try fill(storage, 1...UInt64(KeyIndex.keysPerRun))
    try storage.use().connection.execute("DELETE FROM key_page WHERE id = (1 << 32) + 3")
    #expect(throws: StorageError.self) {
      for each in 1...UInt64(KeyIndex.keysPerRun) { _ = try number(storage, each) }
    }
    try storage.use().connection.execute("UPDATE key_run SET fences = x''")
    storage.close()
    #expect(throws: StorageError.self) { storage = try open() }
  }

  @Test func filtersKnowWhatTheyWereGiven() {
    var random = SplitMix("filter")
    let hashes = (0..<20_000).map { _ in random.next() }
    // One of today, and one as they were made before, with 12 bits for each key.
    let before = KeyFilter(words: Array(repeating: 0, count: 10_000 * 12 / 64))
    for (empty, wrongMost) in [(KeyFilter(count: 10_000), 30), (before, 150)] {
      var filter = empty
      for hash in hashes.prefix(10_000) { filter.insert(hash) }
      #expect(
        hashes.prefix(10_000).allSatisfy { filter.mayContain($0) && filter.firstLook($0) == 1 })
      #expect(hashes.suffix(10_000).count { filter.mayContain($0) } < wrongMost)
      let rest = hashes.suffix(10_000)
      #expect(rest.allSatisfy { filter.firstLook($0) == 1 || !filter.mayContain($0) })
      #expect(rest.count { filter.firstLook($0) == 1 } < 4_000)
    }
  }

  /// Also where there are more runs than a word has bits.
  @Test func runsThatMayHaveAHashAreFoundNewestFirst() {
    var random = SplitMix("runs")
    let hashes = (0..<70).map { _ in random.next() }
    var runs = hashes.enumerated().map { index, hash in
      var filter = KeyFilter(count: 8)
      filter.insert(hash)
      return KeyRun(
        id: Int64(index), lastNumber: UInt64(index), count: 1, filter: filter, fences: [hash]
      )
    }
    for (index, hash) in hashes.enumerated() {
      let found = runs.indices(mayHave: hash)
      #expect(found.contains(index) && found.count < 4, "\(index) in \(found)")
    }
    for index in [0, 5, 64, 69] { runs[index].filter.insert(hashes[33]) }
    let found = runs.indices(mayHave: hashes[33])
    #expect(found.filter { [0, 5, 33, 64, 69].contains($0) } == [69, 64, 33, 5, 0])
    #expect([KeyRun]().indices(mayHave: 1) == [])
  }

  @Test func hashesOfOneBuyerLieTogether() {
    let hash = KeyHash(seed: 3)
    let keys = (0..<1000).map { IdempotencyKey(buyerID: "b", key: "\($0)") }
    let range = hash.range(ofBuyer: "b")
    #expect(keys.allSatisfy { range.contains(hash.hash(of: $0)) })
    #expect(Set(keys.map { hash.hash(of: $0) }).count == 1000)
    #expect(!range.contains(hash.hash(of: IdempotencyKey(buyerID: "c", key: "1"))))
    #expect(KeyHash(seed: 4).hash(of: keys[0]) != hash.hash(of: keys[0]))
  }

  /// Hashes are stored, so they stay what they are: the bytes of a text as little-endian words, and what is left of them as the last.
  @Test func hashesStayWhatTheyAre() {
    func mixed(_ value: UInt64) -> UInt64 {
      let product = (value &+ 0x9E37_79B9_7F4A_7C15)
        .multipliedFullWidth(by: 0x243F_6A88_85A3_08D3)
      return product.high ^ product.low
    }
    func hash(_ text: String, _ seed: UInt64) -> UInt64 {
      let bytes = Array(text.utf8)
      var state = mixed(seed ^ UInt64(bytes.count))
      for start in stride(from: 0, through: bytes.count, by: 8) {
        let word = bytes[start...].prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        state = mixed(state ^ word)
      }
      return mixed(state)
    }
    for count in 0...40 {
      let buyer = String(repeating: "ñ", count: count)
      let key = String(repeating: "k", count: count)
      let upper = hash(buyer, 3)
      #expect(
        KeyHash(seed: 3).hash(of: IdempotencyKey(buyerID: buyer, key: key))
          == upper & 0xFFFF_FFFF_0000_0000 | hash(key, upper) >> 32, "\(count)")
    }
    let known = KeyHash(seed: 3).hash(of: IdempotencyKey(buyerID: "bea", key: "order-4711"))
    #expect(known == 0x01F4_F5FE_DF39_253A)
  }

  /// Two keys may have one hash; both are found.
  @Test func keysWithOneHashAreKeptApart() {
    var recent = RecentKeys()
    for number in [UInt64(4), 9, 12] { recent.insert(KeyEntry(hash: 77, number: number)) }
    recent.insert(KeyEntry(hash: 77, number: 12))
    recent.insert(KeyEntry(hash: 78, number: 13))
    #expect(recent.numbers(77) == [12, 9, 4])
    #expect(recent.count == 4)
    #expect(recent.sorted.map(\.number) == [4, 9, 12, 13])
    var run = KeyRun(
      id: 1, lastNumber: 9, count: 3, filter: KeyFilter(count: 3), fences: [5, 5, 9])
    #expect(run.pages(5...5) == 0..<2)
    #expect(run.pages(9...9) == 1..<3)
    #expect(run.pages(1...4) == 0..<0)
    run.fences = [5, 7, 7, 9]
    #expect(run.pages(7...7) == 0..<3)
    #expect(run.pages(8...8) == 2..<3)
  }

  /// In whatever order keys were asked for, twice or not at all: new ones are written, and one that is there is refused.
  @Test(
    arguments: [[4, 5, 6], [6, 5, 4], [5], [], [4, 4, 6, 5, 9], [2, 4, 5, 6]] as [[UInt64]])
  func keysAreNewInAnyOrder(asked: [UInt64]) throws {
    let storage = try open()
    defer { storage.close() }
    try fill(storage, 1...3)
    let names = RecordNames(keys: asked.map(Samples.key))
    let unit = try storage.begin(reading: names)
    #expect(unit.records.keys == (asked.contains(2) ? [Samples.key(2): 2] : [:]))
    var changes = Samples.batch(from: 4, count: 3)
    changes.keys.append((Samples.key(2), 5))
    #expect(throws: StorageError.self) { try unit.commit(changes) }
    try storage.begin(reading: names).commit(Samples.batch(from: 4, count: 3))
    #expect(try number(storage, 6) == 6)
    #expect(try number(storage, 2) == 2)
  }
}
