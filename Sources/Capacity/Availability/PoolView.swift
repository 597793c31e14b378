/// A pool as a decision or an answer sees it: no hold in it has run out.
package struct PoolView: Hashable, Sendable {
  package var pool: Pool
  /// When the first of its holds ends unless consumed; nil: nothing is held.
  package var nextExpiry: Instant?

  package init(pool: Pool, nextExpiry: Instant?) {
    self.pool = pool
    self.nextExpiry = nextExpiry
  }

  package static let untouched = PoolView(pool: .untouched, nextExpiry: nil)
}
