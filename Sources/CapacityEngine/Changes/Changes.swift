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
  package var concernsCatalogue: Bool { everything || !resources.isEmpty || !products.isEmpty }

  mutating func formUnion(_ other: Changes) {
    pools.formUnion(other.pools)
    resources.formUnion(other.resources)
    products.formUnion(other.products)
    everything = everything || other.everything
  }
}
