/// One product and slot of a reservation, and what became of its units:
/// quantity = held + consumed + released + expired + cancelled.
package struct ReservationLine: Equatable, Sendable {
  /// What was promised.
  package var terms: LineTerms
  package var quantity: Int64
  package var held: Int64
  package var consumed: Int64
  package var released: Int64
  package var expired: Int64
  package var cancelled: Int64

  /// A line that holds all of `quantity`.
  package init(terms: LineTerms, quantity: Int64) {
    self.terms = terms
    self.quantity = quantity
    held = quantity
    consumed = 0
    released = 0
    expired = 0
    cancelled = 0
  }

  /// The same by terms of its own.
  package init(
    productID: String, sellerID: String, slot: String, quantity: Int64, draws: [FrozenDraw],
    pricing: Pricing = .none
  ) {
    let terms = LineTerms(
      productID: productID, sellerID: sellerID, slot: slot, draws: draws, pricing: pricing)
    self.init(terms: terms, quantity: quantity)
  }

  package var productID: String { terms.productID }
  package var sellerID: String { terms.sellerID }
  package var slot: String { terms.slot }
  package var draws: [FrozenDraw] { terms.draws }
  package var pricing: Pricing { terms.pricing }
}

/// What a line promises: it stays as it was at Reserve, whatever becomes of the product.
///
/// An object, for there are millions of lines and few different terms: those that were reserved by one plan share them, and a copy of a
/// line counts one reference.
package final class LineTerms: Sendable {
  package let productID: String
  package let sellerID: String
  /// The canonical slot id as it was spelled at Reserve; empty for STOCK.
  package let slot: String
  /// The pools and weights at Reserve: units go back to where they came from, whatever the product draws on later.
  package let draws: [FrozenDraw]
  /// As the buyer saw it.
  package let pricing: Pricing

  package init(
    productID: String, sellerID: String, slot: String, draws: [FrozenDraw],
    pricing: Pricing = .none
  ) {
    self.productID = productID
    self.sellerID = sellerID
    self.slot = slot
    self.draws = draws
    self.pricing = pricing
  }

  /// Those of `product` as it is, without a trigger.
  convenience init(of product: Product, slot: String, draws: [FrozenDraw]) {
    self.init(productID: product.id, sellerID: product.sellerID, slot: slot, draws: draws)
  }

  /// The same with other draws.
  package func drawing(_ draws: [FrozenDraw]) -> LineTerms {
    LineTerms(productID: productID, sellerID: sellerID, slot: slot, draws: draws, pricing: pricing)
  }

  /// The same, with the texts and draws of `other` where they are equal.
  func sharing(_ other: LineTerms) -> LineTerms {
    LineTerms(
      productID: productID == other.productID ? other.productID : productID,
      sellerID: sellerID == other.sellerID ? other.sellerID : sellerID,
      slot: slot == other.slot ? other.slot : slot,
      draws: draws == other.draws ? other.draws : draws, pricing: pricing)
  }

  /// The same with another pricing.
  func priced(_ pricing: Pricing) -> LineTerms {
    LineTerms(productID: productID, sellerID: sellerID, slot: slot, draws: draws, pricing: pricing)
  }
}

extension LineTerms: Equatable {
  package static func == (left: LineTerms, right: LineTerms) -> Bool {
    left === right
      || left.productID == right.productID && left.sellerID == right.sellerID
        && left.slot == right.slot && left.draws == right.draws && left.pricing == right.pricing
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
