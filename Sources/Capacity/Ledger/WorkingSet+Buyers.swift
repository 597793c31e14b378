/// Which buyers a batch needs to know, for products that limit them. Where no product does, nothing here costs anything.
extension WorkingSet {
  /// How many buyers are remembered from batch to batch.
  package static let buyersMax = 50_000
  // A record that began this much earlier than it had to is counted anew: it grows with the days.
  private static let staleness = Interval(seconds: 48 * 3600)

  /// Adds to `needs` the buyer whose reservations `command` depends on, and since when they are needed. The records that the
  /// command names must have been loaded. Whether a buyer is known well enough is asked when the needs of all are together: what
  /// one command finds too much may be what another needs.
  package func addBuyerNeeds(
    of command: Command, at now: Instant, to needs: inout [String: Instant]
  ) {
    guard catalogue.limitsBuyers else { return }
    switch command {
    case .reserve(let reserve):
      guard number(of: reserve.key) == nil,
        reserve.lines.contains(where: { limitsBuyers($0.productID) })
      else { return }
      addNeed(reserve.key.buyerID, since: now - BuyerRecord.reach, to: &needs)
    case .consume(let resolve):
      guard resolve.reacquire, let reservation = reservation(resolve.number),
        reservation.state == .expired,
        reservation.lines.contains(where: { limitsBuyers($0.productID) })
      else { return }
      let since = min(now, reservation.createdAt) - BuyerRecord.reach
      addNeed(reservation.buyerID, since: since, to: &needs)
    default: return
    }
  }

  /// As for a Reserve of `productID` by the buyer.
  package func addNeed(
    ofBuyer buyerID: String, productID: String, at now: Instant, to needs: inout [String: Instant]
  ) {
    guard limitsBuyers(productID) else { return }
    addNeed(buyerID, since: now - BuyerRecord.reach, to: &needs)
  }

  /// Whether what is known of the buyer begins early enough, and not much too early.
  package func knowsBuyer(_ id: String, since: Instant) -> Bool {
    guard let known = buyers[id] else { return false }
    return known.since <= since && since - Self.staleness <= known.since
  }

  /// Remembers a buyer: `reservations` are all of its that hold something or were made since `since`.
  package mutating func load(
    _ reservations: some Sequence<Reservation>, ofBuyer buyerID: String, since: Instant
  ) {
    var record = BuyerRecord(since: since)
    for reservation in reservations { record.note(reservation, in: catalogue) }
    buyers[buyerID] = record
  }

  /// What is known of a buyer; nil: nothing has been loaded.
  package func buyer(_ id: String) -> BuyerRecord? { buyers[id] }

  /// Forgets all buyers where they have become too many; they can be counted again.
  package mutating func shedBuyers() {
    if buyers.count > Self.buyersMax { buyers.removeAll() }
  }

  func limitsBuyers(_ productID: String) -> Bool {
    catalogue.product(productID)?.limits.concernBuyers == true
  }

  private func addNeed(_ buyerID: String, since: Instant, to needs: inout [String: Instant]) {
    needs[buyerID] = min(since, needs[buyerID] ?? since)
  }

  /// Who a command is for, where `limits` are for each buyer.
  func check(
    _ buyerID: String, _ purpose: BuyerCheck.Purpose, of limits: PurchaseLimits
  ) -> BuyerCheck? {
    guard limits.concernBuyers else { return nil }
    guard let record = buyers[buyerID] else {
      preconditionFailure("a buyer's reservations were not loaded")
    }
    return BuyerCheck(record, for: purpose)
  }
}

extension Command {
  /// Whether it changes which products limit their buyers. What the commands beside it need of buyers depends on that, so it
  /// goes in a batch of its own.
  /// - Parameter catalogue: looked at only for the few commands that can.
  package func changesBuyerLimits(in catalogue: @autoclosure () -> Catalogue) -> Bool {
    guard case .putProduct(let put) = self else { return false }
    return put.changesBuyerLimits(in: catalogue())
  }
}

extension Command.PutProduct {
  /// Whether it changes that the product limits its buyers.
  package func changesBuyerLimits(in catalogue: Catalogue) -> Bool {
    let present = catalogue.product(product.id)?.limits.concernBuyers ?? false
    return product.limits.concernBuyers != present
  }
}
