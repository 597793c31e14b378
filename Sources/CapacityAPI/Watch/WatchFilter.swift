internal import Capacity
internal import CapacityEngine
internal import CupoSchema

/// What a watch is about. Watches with equal filters see the same bytes, so they share one broadcast.
struct WatchFilter: Hashable, Sendable {
  /// Ascending, each once.
  let productIDs: [String]
  /// Ascending, each once.
  let sellerIDs: [String]
  /// As in the request; empty: moving on with time.
  let fromDate: String
  let toDate: String

  init(_ request: WatchAvailabilityRequest, sellerIDs: Set<String>) {
    productIDs = Set(request.productIDs).sorted()
    self.sellerIDs = sellerIDs.sorted()
    fromDate = request.fromDate
    toDate = request.toDate
  }

  /// Whether nothing is named, so that everything is meant.
  var namesNothing: Bool { productIDs.isEmpty && sellerIDs.isEmpty }

  /// The products that `catalogue` has for this filter, ascending: the named ones and those of the seller.
  func products(in catalogue: Catalogue) throws(Refusal) -> [String] {
    for id in productIDs where catalogue.product(id) == nil {
      throw Refusal(.productNotFound, [.init("product_id", id)])
    }
    guard !sellerIDs.isEmpty || productIDs.isEmpty else { return productIDs }
    let named = Set(productIDs)
    return catalogue.products.lazy.filter { product in
      namesNothing || named.contains(product.id) || sellerIDs.contains(product.sellerID)
    }.map(\.id).sorted()
  }
}

/// One slot of a watch. Watches are ordered by these.
struct SlotName: Hashable, Comparable, Sendable {
  let productID: String
  /// See `PoolKey.ordinal`.
  let ordinal: Int64

  static func < (left: SlotName, right: SlotName) -> Bool {
    if left.productID != right.productID { return left.productID < right.productID }
    return left.ordinal < right.ordinal
  }
}
