package import Capacity

/// What has changed, without what it changed to: whoever is told reads the latest state.
package struct Changes: Equatable, Sendable {
  package var pools: Set<PoolKey>
  /// Ids of resources whose definition changed.
  package var resources: Set<String>
  /// Ids of products whose definition changed.
  package var products: Set<String>
  /// More changed than is worth listing.
  package var everything: Bool

  package init(
    pools: Set<PoolKey> = [], resources: Set<String> = [], products: Set<String> = [],
    everything: Bool = false
  ) {
    self.pools = pools
    self.resources = resources
    self.products = products
    self.everything = everything
  }

  package var isEmpty: Bool { count == 0 && !everything }

  var count: Int { pools.count + resources.count + products.count }

  /// Whether definitions changed.
  var concernsCatalogue: Bool { everything || !resources.isEmpty || !products.isEmpty }

  mutating func formUnion(_ other: Changes) {
    pools.formUnion(other.pools)
    resources.formUnion(other.resources)
    products.formUnion(other.products)
    everything = everything || other.everything
  }
}

/// The changes of the latest batches, so that a reader who was away can catch up.
struct ChangeHistory {
  private var entries: [(position: UInt64, changes: Changes)] = []
  private var start = 0
  private let countMax: Int
  // Everything up to here has been forgotten.
  private var forgotten: UInt64 = 0
  /// The last event that has happened.
  var position: UInt64 = 0 {
    didSet { if entries.isEmpty { forgotten = position } }
  }

  init(countMax: Int) {
    self.countMax = countMax
  }

  mutating func append(_ changes: Changes, position: UInt64) {
    if entries.count < countMax {
      entries.append((position, changes))
    } else {
      forgotten = entries[start].position
      entries[start] = (position, changes)
      start = (start + 1) % countMax
    }
    self.position = position
  }

  /// Everything that changed behind `position`; nil where that is no longer, or not yet, known.
  func changes(after position: UInt64) -> Changes? {
    guard position >= forgotten, position <= self.position else { return nil }
    var union = Changes()
    for offset in entries.indices.reversed() {
      let entry = entries[(start + offset) % entries.count]
      guard entry.position > position else { break }
      union.formUnion(entry.changes)
    }
    return union
  }
}
