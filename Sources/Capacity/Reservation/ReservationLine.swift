/// One product and slot of a reservation, and what became of its units:
/// quantity = held + consumed + released + expired + cancelled.
package struct ReservationLine: Equatable, Sendable {
  package var productID: String
  package var sellerID: String
  /// The canonical slot id as it was spelled at Reserve; empty for STOCK.
  package var slot: String
  package var quantity: Int64
  package var held: Int64
  package var consumed: Int64
  package var released: Int64
  package var expired: Int64
  package var cancelled: Int64
  /// The pools and weights at Reserve: units go back to where they came from, whatever the product draws on later.
  package var draws: [FrozenDraw]
  /// The pricing as the buyer saw it.
  package var priceAdjustmentBasisPoints: Int
  package var pricingTriggerIDs: [String]

  /// A line that holds all of `quantity`.
  package init(
    productID: String, sellerID: String, slot: String, quantity: Int64, draws: [FrozenDraw],
    priceAdjustmentBasisPoints: Int = 0, pricingTriggerIDs: [String] = []
  ) {
    self.productID = productID
    self.sellerID = sellerID
    self.slot = slot
    self.quantity = quantity
    held = quantity
    consumed = 0
    released = 0
    expired = 0
    cancelled = 0
    self.draws = draws
    self.priceAdjustmentBasisPoints = priceAdjustmentBasisPoints
    self.pricingTriggerIDs = pricingTriggerIDs
  }
}

/// A pool and how many of its units one unit of the product takes.
package struct FrozenDraw: Hashable, Sendable {
  package var pool: PoolKey
  package var units: Int64

  package init(pool: PoolKey, units: Int64) {
    self.pool = pool
    self.units = units
  }
}
