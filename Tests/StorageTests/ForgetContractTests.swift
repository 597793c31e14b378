import Capacity
import CapacityEngine
import Testing

/// What every adapter that forgets closed reservations promises.
@Suite("The contract of forgetting")
struct ForgetContractTests {
  private static let border = Instant(seconds: 1_700_000_000)
  private static let everything = 1_000

  /// Numbers 1 to 30, made and closed one second after another; every fifth still holds, every third was closed behind the
  /// border although it was made before it.
  private func fill(_ storage: any Storage) throws {
    var changes = ChangeSet(counters: StoreCounters(nextReservation: 31, nextSequence: 1))
    for number in UInt64(1)...30 {
      var reservation = Samples.reservation(number, holding: number % 5 == 0)
      let start = Instant(seconds: 1_699_999_980 + Int64(number))
      reservation.createdAt = start
      if number % 5 != 0 {
        reservation.closedAt = number % 3 == 0 ? Self.border : start + Interval(microseconds: 1)
      }
      changes.reservations.append(reservation)
      changes.keys.append((Samples.key(number), number))
    }
    // Somebody else's key of the same name, and one that stands for no reservation.
    changes.keys.append((IdempotencyKey(buyerID: "\u{1}hall", key: "key-1"), 1))
    try storage.write(changes)
  }

  private func numbers(_ storage: any Storage) throws -> [UInt64] {
    try storage.reservations(after: 0, limit: 99, holdingOnly: false).map(\.number)
  }

  @Test(arguments: Adapter.allCases)
  func whatWasClosedBeforeGoesWithItsKey(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    #expect(try storage.closedKeptFrom() == nil)
    let log = try storage.openLog()
    let page = try log.forget(closedBefore: Self.border, after: 0, limit: Self.everything)
    let stays: [UInt64] = [3, 5, 6, 9, 10, 12, 15, 18] + Array(20...30)
    #expect(page == ForgottenPage(last: 19, firstKept: 3, count: 30 - stays.count))
    #expect(try numbers(storage) == stays)
    #expect(try storage.closedKeptFrom() == Self.border)
    let names = RecordNames(keys: (1...30).map { Samples.key($0) })
    let keys = try storage.begin(reading: names).records.keys
    #expect(Set(keys.values) == Set(stays))
    #expect(try storage.adjustmentKeys(after: nil, limit: 9).count == 1)
    #expect(
      try storage.reservations(before: nil, limit: 99, ofBuyer: "buyer-1", holdingOnly: false)
        .map(\.number) == [23, 12])
    storage.close()
    let again = try place.open()
    #expect(try numbers(again) == stays)
    #expect(try again.closedKeptFrom() == Self.border)
    again.close()
  }

  @Test(arguments: Adapter.allCases, [1, 2, 7, 1_000])
  func stepByStepIsTheSame(adapter: Adapter, limit: Int) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    let log = try storage.openLog()
    var (last, count, kept) = (UInt64(0), 0, UInt64?.none)
    while true {
      let page = try log.forget(closedBefore: Self.border, after: last, limit: limit)
      count += page.count
      kept = kept ?? page.firstKept
      guard let end = page.last else { break }
      #expect(end > last && page.count <= limit)
      last = end
    }
    #expect(count == 11 && kept == 3 && last == 19)
    #expect(try numbers(storage).count == 19)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func theBorderNeverGoesBack(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    let log = try storage.openLog()
    // Says so only.
    #expect(try log.forget(closedBefore: Self.border, after: 0, limit: 0) == ForgottenPage())
    #expect(try storage.closedKeptFrom() == Self.border)
    #expect(try numbers(storage).count == 30)
    let earlier = Instant(seconds: 1_699_999_990)
    #expect(try log.forget(closedBefore: earlier, after: 0, limit: 99).count > 0)
    #expect(try storage.closedKeptFrom() == Self.border)
    storage.close()
  }

  @Test(arguments: Adapter.allCases)
  func anExportTakesTheBorderAlong(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    try fill(storage)
    let log = try storage.openLog()
    _ = try log.forget(closedBefore: Self.border, after: 0, limit: 99)
    var file: [UInt8] = []
    try StoreExport.run(
      storage, at: Self.border, program: "test", wasServed: false
    ) { (bytes) throws(StorageError) in file += bytes }
    var transfer = try StoreImport { (count) throws(StorageError) in
      defer { file.removeFirst(min(count, file.count)) }
      return Array(file.prefix(count))
    }
    let (other, identity) = (try adapter.place(), try storage.identity())
    let target = try other.open(identity)
    _ = try transfer.run(into: target, bytesTotal: nil)
    #expect(try target.closedKeptFrom() == Self.border)
    #expect(try numbers(target) == numbers(storage))
    storage.close()
    target.close()
    withExtendedLifetime(other) {}
  }
}
