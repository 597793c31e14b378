package import Capacity

/// What a reader wants to see together, at one instant.
package struct ReadQuery: Sendable {
  /// Part of a resource's schedule.
  package struct Range: Hashable, Sendable {
    package var resourceID: String
    /// Of pools; see ``PoolKey/ordinal``.
    package var ordinals: ClosedRange<Int64>

    package init(resourceID: String, ordinals: ClosedRange<Int64>) {
      self.resourceID = resourceID
      self.ordinals = ordinals
    }
  }

  /// A buyer, and the product whose limits for buyers are asked about.
  package struct Buyer: Hashable, Sendable {
    package var id: String
    package var productID: String

    package init(id: String, productID: String) {
      self.id = id
      self.productID = productID
    }
  }

  package var pools: [PoolKey]
  /// Which pools exist there is answered in ``Reading/ordinals``.
  package var range: Range?
  package var buyer: Buyer?
  /// What exists of them is answered in ``Reading/columns``: for many pools cheaper than naming each.
  package var runs: [PoolRun]

  package init(
    pools: [PoolKey] = [], range: Range? = nil, buyer: Buyer? = nil, runs: [PoolRun] = []
  ) {
    self.pools = pools
    self.runs = runs
    self.range = range
    self.buyer = buyer
  }
}
