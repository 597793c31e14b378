/// Which lanes a thing concerns. With one lane nothing here costs anything.
///
/// What makes it simple: a product draws on resources of its own seller only, and neither ever changes its seller. So a lane's
/// definitions, pools, triggers and limits never concern another lane; only reservations can be of several.
extension WorkingSet {
  package var lanesCount: Int { lanes.count }
  package var allLanes: LaneSet { counters.allLanes }

  /// The lane of a seller.
  package func lane(ofSeller id: String) -> Int {
    SellerLane.number(of: id, count: lanes.count)
  }

  /// The lanes of the sellers of a reservation's lines.
  package func lanes(of reservation: Reservation) -> LaneSet {
    guard lanes.count > 1 else { return allLanes }
    return reservation.lines.reduce(into: LaneSet()) {
      $0.formUnion(LaneSet(lane(ofSeller: $1.sellerID)))
    }
  }

  /// The lanes that `event` concerns.
  package func lanes(of event: Event) -> LaneSet {
    guard lanes.count > 1 else { return allLanes }
    return switch event.subject {
    case .reservation(let reservation): lanes(of: reservation)
    case .resource(let resource): LaneSet(lane(ofSeller: resource.sellerID))
    case .product(let product): LaneSet(lane(ofSeller: product.sellerID))
    // Where the resource is not known yet it can be anybody's.
    case .pool(let resourceID):
      catalogue.resource(resourceID).map { LaneSet(lane(ofSeller: $0.resource.sellerID)) }
        ?? allLanes
    case .gap: allLanes
    }
  }

  /// The lane of a pool: of its resource's seller, of one that remembers a trigger of the product's.
  func lane(of pool: PoolKey) -> Int {
    guard lanes.count > 1 else { return 0 }
    let seller =
      if let latch = pool.latch {
        catalogue.product(latch.productID)?.sellerID
      } else {
        catalogue.resource(pool.resourceID)?.resource.sellerID
      }
    return seller.map { lane(ofSeller: $0) } ?? 0
  }

  /// The lanes that `command` is decided in, as far as memory knows. A definition that memory does not know concerns none of them:
  /// the command will not find it, unless it is loaded or followed first, and then it is asked again.
  package func lanes(of command: Command) -> LaneSet {
    guard lanes.count > 1 else { return allLanes }
    switch command {
    case .reserve(let reserve):
      // A key that is known stands for a reservation, which is only read.
      return reserve.lines.reduce(into: LaneSet()) { lanes, line in
        guard let product = catalogue.product(line.productID) else { return }
        lanes.formUnion(LaneSet(lane(ofSeller: product.sellerID)))
      }
    case .consume(let resolve), .release(let resolve), .cancel(let resolve):
      return lanes(ofReservation: resolve.number)
    case .extend(let extend): return lanes(ofReservation: extend.number)
    case .putResource(let put):
      return lanes(
        from: catalogue.resource(put.resource.id)?.resource.sellerID, to: put.resource.sellerID)
    case .putProduct(let put):
      return lanes(from: catalogue.product(put.product.id)?.sellerID, to: put.product.sellerID)
    case .adjustStock(let adjustment): return lanes(ofResource: adjustment.resourceID)
    case .setPause(let pause):
      switch pause.target {
      case .resource(let id): return lanes(ofResource: id)
      case .product(let id):
        guard let product = catalogue.product(id) else { return LaneSet() }
        return LaneSet(lane(ofSeller: product.sellerID))
      }
    }
  }

  // An id that is new must be new to all sellers.
  private func lanes(from present: String?, to sellerID: String) -> LaneSet {
    guard let present else { return allLanes }
    return LaneSet(lane(ofSeller: present)).union(LaneSet(lane(ofSeller: sellerID)))
  }

  // A number says the lane of whoever gave it: where that lane is as it is known, a number that is not known is nobody's.
  private func lanes(ofReservation number: UInt64) -> LaneSet {
    reservation(number).map { lanes(of: $0) } ?? LaneSet(Int(number % UInt64(lanes.count)))
  }

  private func lanes(ofResource id: String) -> LaneSet {
    guard let found = catalogue.resource(id) else { return LaneSet() }
    return LaneSet(lane(ofSeller: found.resource.sellerID))
  }
}
