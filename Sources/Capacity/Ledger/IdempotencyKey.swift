/// A caller's key, scoped to the buyer.
package struct IdempotencyKey: Hashable, Sendable {
  package var buyerID: String
  package var key: String

  package init(buyerID: String, key: String) {
    self.buyerID = buyerID
    self.key = key
  }

  /// Byte by byte: to Swift, texts that only look alike to Unicode are equal; to a store and to callers they are not.
  package static func == (left: IdempotencyKey, right: IdempotencyKey) -> Bool {
    left.key.utf8.elementsEqual(right.key.utf8)
      && left.buyerID.utf8.elementsEqual(right.buyerID.utf8)
  }
}
