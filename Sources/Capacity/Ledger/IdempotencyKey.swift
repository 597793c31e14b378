/// A caller's key, scoped to the buyer.
package struct IdempotencyKey: Hashable, Sendable {
  package var buyerID: String
  package var key: String

  package init(buyerID: String, key: String) {
    self.buyerID = buyerID
    self.key = key
  }
}
