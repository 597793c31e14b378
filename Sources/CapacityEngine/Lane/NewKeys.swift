import Capacity

/// Whether a lane on a shared store takes it that idempotency keys are new, which nearly all are, and does not look them up before it
/// decides. The store says when one was not: then the batch runs again, with its keys looked up, and so do those after it.
struct NewKeys {
  /// After so many batches in a row without a known key the next are expected to have none.
  static let batchesWithout = 64

  private let batches: Int
  private var batchesLeft = 0

  /// - Parameter batches: how many are to have no known key.
  init(batches: Int = NewKeys.batchesWithout) {
    self.batches = batches
  }

  var isExpected: Bool { batchesLeft == 0 }

  /// Something failed that a known key can be the reason for.
  mutating func wasWrong() {
    batchesLeft = batches
  }

  /// Of `count` keys that were looked up `known` were there.
  mutating func wereLookedUp(_ count: Int, _ known: Int) {
    guard count > 0, batchesLeft > 0 else { return }
    batchesLeft = known > 0 ? batches : batchesLeft - 1
  }
}
