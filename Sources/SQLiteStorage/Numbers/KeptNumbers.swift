import CapacityEngine

/// Which reservations of a range are still there, in about a bit for each.
struct KeptNumbers {
  private static let numbersPerStep: Int64 = 50_000

  private(set) var count = 0
  // By the upper bits; numbers can leave wide gaps.
  private var pages: [UInt64: NumberPage] = [:]

  /// Reads them in small steps, so that no old state of the store is held on to; nil where none was ever taken away.
  static func behind(
    _ first: UInt64, through last: UInt64, _ connection: Connection,
    isStopped: () -> Bool
  ) throws(StorageError) -> KeptNumbers? {
    var isTrimmed = false
    let mark = try connection.prepare(
      "SELECT 1 FROM meta WHERE key = '\(ClosedReservations.markName)'")
    try mark.query { (_) throws(StorageError) in isTrimmed = true }
    guard isTrimmed else { return nil }
    let step = try connection.prepare(
      "SELECT number FROM reservation WHERE number > ? AND number <= ? ORDER BY number LIMIT ?")
    var numbers = KeptNumbers()
    var (after, isMore) = (first, true)
    while isMore {
      if isStopped() { throw StorageError(.unavailable, "the store is closed") }
      let before = numbers.count
      try step.query { values in
        values.bind(1, after)
        values.bind(2, last)
        values.bind(3, numbersPerStep)
      } each: { (row) throws(StorageError) in
        after = row.uint(0)
        numbers.insert(after)
      }
      isMore = numbers.count - before == Int(numbersPerStep)
    }
    return numbers
  }

  mutating func insert(_ number: UInt64) {
    let index = NumberPage.index(of: number)
    guard !contains(number) else { return }
    pages[index, default: NumberPage()].set(number, true)
    count += 1
  }

  func contains(_ number: UInt64) -> Bool {
    pages[NumberPage.index(of: number)]?.contains(number) ?? false
  }
}
