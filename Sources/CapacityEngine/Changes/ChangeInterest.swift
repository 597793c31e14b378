package import Capacity

/// The pools that a subscriber wants to hear of: of each resource those between two ordinals.
package struct ChangeInterest: Equatable, Sendable {
  private(set) var ranges: [String: ClosedRange<Int64>] = [:]

  package init() {}

  package mutating func insert(_ pool: PoolKey) {
    let range = ranges[pool.resourceID] ?? pool.ordinal...pool.ordinal
    ranges[pool.resourceID] =
      min(range.lowerBound, pool.ordinal)...max(range.upperBound, pool.ordinal)
  }

  package func contains(_ pool: PoolKey) -> Bool {
    ranges[pool.resourceID]?.contains(pool.ordinal) == true
  }
}
