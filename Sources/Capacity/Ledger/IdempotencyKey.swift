/// A caller's key, scoped to the buyer.
package struct IdempotencyKey: Hashable, Sendable {
  package let buyerID: String
  package let key: String
  // Tables hash a key again and again, and its texts are long.
  private let digest: Int

  package init(buyerID: String, key: String) {
    self.buyerID = buyerID
    self.key = key
    var hasher = Hasher()
    hasher.combine(buyerID)
    hasher.combine(key)
    digest = hasher.finalize()
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(digest)
  }

  /// Whether it stands for the reservation that carries it. Adjustments of stock have keys too; they share the space, since no
  /// buyer's id has a control character in it.
  package var isOfReservation: Bool { buyerID.utf8.first != 1 }

  /// Byte by byte: to Swift, texts that only look alike to Unicode are equal; to a store and to callers they are not.
  package static func == (left: IdempotencyKey, right: IdempotencyKey) -> Bool {
    left.digest == right.digest && areSame(left.key.utf8, right.key.utf8)
      && areSame(left.buyerID.utf8, right.buyerID.utf8)
  }

  // Views compare character by character, which is ten times slower than their memory.
  private static func areSame(_ left: String.UTF8View, _ right: String.UTF8View) -> Bool {
    let inPlace = unsafe left.withContiguousStorageIfAvailable { left in
      unsafe right.withContiguousStorageIfAvailable { right in unsafe left.elementsEqual(right) }
    }
    return (inPlace ?? nil) ?? left.elementsEqual(right)
  }
}

extension Command {
  /// What it is done once under; nil: the ledger keeps no key of it.
  package var key: IdempotencyKey? {
    switch self {
    case .reserve(let reserve): reserve.key
    case .adjustStock(let adjustment): adjustment.key
    case .consume, .release, .cancel, .extend, .putResource, .putProduct, .setPause: nil
    }
  }
}
