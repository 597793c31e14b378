internal import Capacity
internal import CupoSchema

extension WatchFilter {
  /// What `caller` may watch of what it asks for: a SELLER its own, a BUYER what it names.
  init(
    _ request: WatchAvailabilityRequest, for caller: Caller, in catalogue: Catalogue
  ) throws(Refusal) {
    let reach = caller.reach
    let isNamed = !request.productIDs.isEmpty && request.sellerID.isEmpty
    if reach.isUnbound || isNamed && reach.buyerID != nil {
      self.init(request, sellerIDs: request.sellerID.isEmpty ? [] : [request.sellerID])
      return
    }
    guard reach.sellerIDs != nil else {
      guard request.sellerID.isEmpty else { throw Refusal(.notOwner) }
      throw .violation("product_ids", "Required of a BUYER, which watches what it names.")
    }
    for id in request.productIDs {
      guard let product = catalogue.product(id) else { continue }
      guard reach.owns(product.sellerID) else { throw Refusal(.notOwner) }
    }
    let own = try reach.sellers(named: request.sellerID)
    self.init(request, sellerIDs: isNamed ? [] : own)
  }
}
