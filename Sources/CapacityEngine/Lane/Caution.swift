/// Whether a lane on a shared store takes something for granted that is nearly always so, and does not ask the store first: that
/// says when it was wrong. Then it asks, for a while.
struct Caution {
  /// After so many batches in a row that found it so, the next take it for granted again.
  static let batchesAsking = 64

  private let batches: Int
  private var batchesLeft = 0

  /// - Parameter batches: how many are to find it so.
  init(batches: Int = Caution.batchesAsking) {
    self.batches = batches
  }

  /// Whether the store need not be asked.
  var isOver: Bool { batchesLeft == 0 }

  /// It was not so.
  mutating func wasWrong() {
    batchesLeft = batches
  }

  /// A batch asked the store, and it was so.
  mutating func wasRight() {
    batchesLeft = max(0, batchesLeft - 1)
  }
}
