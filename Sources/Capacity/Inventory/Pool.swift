/// Names one pool: a resource and, where it has time, the day or the start that the pool is for.
package struct PoolKey: Hashable, Sendable {
  package var resourceID: String
  /// STOCK: 0. CAPACITY: the local date, as days since 1970-01-01. SLOTS: the start, as seconds since
  /// 1970-01-01T00:00:00Z. A resource never changes its kind, so the number is never ambiguous.
  package var ordinal: Int64

  package init(resourceID: String, ordinal: Int64) {
    self.resourceID = resourceID
    self.ordinal = ordinal
  }
}

extension PoolKey: Comparable {
  /// The order in which pools are locked.
  package static func < (left: PoolKey, right: PoolKey) -> Bool {
    if left.resourceID != right.resourceID { return left.resourceID < right.resourceID }
    return left.ordinal < right.ordinal
  }
}

/// The counters of one pool. Its limit is not here: it follows from the schedule.
package struct Pool: Hashable, Sendable {
  package var held: Int64
  package var consumed: Int64
  /// Grows with every change.
  package var revision: UInt64

  package init(held: Int64 = 0, consumed: Int64 = 0, revision: UInt64 = 0) {
    self.held = held
    self.consumed = consumed
    self.revision = revision
  }

  /// A pool that nothing was ever drawn from; it is not stored.
  package static let untouched = Pool()
}
