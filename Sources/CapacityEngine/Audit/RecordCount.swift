import Capacity

/// Estimates how many records a store has from their numbers, without counting them: that would take as long as the work.
///
/// Numbers follow one another, but for what a restore has left out, which is far more than there will ever be records. So the
/// end of what follows one another is searched for by halves.
enum RecordCount {
  private static let looksMax = 128

  /// - Parameter next: the first number behind a number; nil: there is none.
  static func estimate(
    after first: UInt64, through last: UInt64,
    next: (UInt64) throws(StorageError) -> UInt64?
  ) throws(StorageError) -> Int {
    guard let start = try next(first), start <= last else { return 0 }
    var (low, high, count) = (start - 1, last, UInt64(0))
    for _ in 0..<looksMax where high - low > 1_000 {
      let middle = low + (high - low) / 2
      guard let found = try next(middle), found <= high else {
        high = middle
        continue
      }
      guard found > middle + 1 else {
        // No hole here; what is before is taken to have none.
        count += middle - low
        low = middle
        continue
      }
      count += high - found + 1
      high = middle
    }
    return Int(clamping: count + (high - low))
  }

  /// Events behind the checkpoint.
  static func events(_ store: any StoredLedger) throws(StorageError) -> Int {
    try estimate(
      after: store.checkpoint().sequence, through: store.counters().nextSequence - 1
    ) { (number) throws(StorageError) in
      try store.events(after: number, limit: 1).first?.sequence
    }
  }

  static func reservations(_ store: any StoredLedger) throws(StorageError) -> Int {
    try estimate(
      after: 0, through: store.counters().nextReservation - 1
    ) { (number) throws(StorageError) in
      try store.reservations(after: number, limit: 1, holdingOnly: false).first?.number
    }
  }
}
