import Capacity

/// Whether a lane on a shared store may take it that nobody else writes, and decide on what memory knows: the store says when that
/// was wrong. After somebody was met it asks first, for a while.
struct Company {
  /// After so many batches in a row without anybody the next are expected to meet nobody.
  static let batchesAlone = 64
  /// So long after the store was last asked its clock is taken to go like ours.
  static let clockTrustedFor = Interval(microseconds: 1_000_000)

  private let batches: Int
  private var batchesLeft = 0

  /// - Parameter batches: how many are to meet nobody.
  init(batches: Int = Company.batchesAlone) {
    self.batches = batches
  }

  var isNone: Bool { batchesLeft == 0 }

  /// Somebody else has written.
  mutating func wasMet() {
    batchesLeft = batches
  }

  /// The store was asked, and nobody had.
  mutating func wasNotMet() {
    batchesLeft = max(0, batchesLeft - 1)
  }
}
